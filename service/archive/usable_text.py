"""Texts that are no articles: web pages saved with their markup, binary data, characters that were lost on the way.

Only looked at, never changed: offsets count from the text as given.
"""

import re
from typing import Final

_MARKUP_SHARE: Final = 0.5
_DEBRIS_SHARE: Final = 0.1
# `*+` gives nothing back: where no `>` follows, there is nothing else to try
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+|!)[^<>]*+>")
_UNREAD: Final = frozenset(("script", "style"))  # what stands inside them is no text either
_DEBRIS: Final = re.compile("[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\ud800-\\udfff\\ufffd]")
_LETTER: Final = re.compile(r"[^\W\d_]")


def why_unusable(text: str) -> str | None:
    """What makes a text no article, in words; None where it may be one. Takes linear time."""
    if not _LETTER.search(text):
        return "`text` holds no letters"
    debris = len(_DEBRIS.findall(text)) / len(text)
    if debris > _DEBRIS_SHARE:
        return f"`text` is not readable: {debris:.0%} of it are control characters or characters lost in decoding"
    markup = markup_share(text)
    if markup > _MARKUP_SHARE:
        return f"`text` is mostly markup: {markup:.0%} of it are tags, scripts and styles; extract the article first"
    return None


def markup_share(text: str) -> float:
    """Which share of the characters belongs to HTML or XML tags, or stands within scripts and styles, 0 … 1."""
    if "<" not in text:
        return 0.0
    covered = 0
    opened: int | None = None  # where a script or style began
    for tag in _TAG.finditer(text):
        closing, name = bool(tag[1]), tag[2].lower()
        if opened is not None:
            if closing and name in _UNREAD:
                covered += tag.end() - opened
                opened = None
        elif name in _UNREAD and not closing:
            opened = tag.start()
        else:
            covered += tag.end() - tag.start()
    return covered / len(text)
