"""What a command tells a person on standard error, beside its results."""

import sys


def say(message: str) -> None:
    """One line; characters that a terminal should not act on are escaped."""
    line = " ".join(message.split())
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)
    encoding = sys.stderr.encoding or "utf-8"
    print("quotestance:", shown.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr, flush=True)
