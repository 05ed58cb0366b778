"""Exit statuses, and every expected failure as one line on stderr."""

import os
import sys
from collections.abc import Callable

from quotestance.model.errors import QuotestanceError

DONE = 0
SOME_REFUSED = 1
UNUSABLE = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells have it
PIPE_CLOSED = 141  # 128 + SIGPIPE


def status_of(action: Callable[[], int]) -> int:
    """Run a command's work and give its exit status; what it raises on purpose becomes one line on stderr."""
    try:
        status = action()
        sys.stdout.flush()  # here, so that a reader who has gone is noticed here
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # the interpreter flushes stdout once more on its way out: give it somewhere to go
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except QuotestanceError as error:
        complain(str(error))
        return UNUSABLE
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error))
        return UNUSABLE
    return status


def complain(message: str) -> None:
    """One line to stderr; characters that the terminal cannot take, or should not act on, are escaped."""
    line = " ".join(message.split())
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)
    encoding = sys.stderr.encoding or "utf-8"
    print("quotestance:", shown.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)
