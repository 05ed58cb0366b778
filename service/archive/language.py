"""Is a text English? Judged from its beginning, the same way every time."""

import math
import re
from dataclasses import dataclass
from typing import Final, Literal

LanguageChoice = Literal["en", "any"]
_READ: Final = 2_000  # characters from the start
_LEAST: Final = 200  # letters: of less, nothing is said
# how much likelier another language must be than English: the difference of the logarithms over the square root of the
# bytes, as py3langid scales them; text in another language is far above it, lists of foreign names are below
_MARGIN: Final = 5.0
_LETTER: Final = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Language:
    """`code` is ISO 639-1, None where the text is too short to tell."""

    code: str | None
    english: bool


def language_of(text: str) -> Language:
    """The language that the text begins in; short texts pass as English."""
    start = text[:_READ]
    if len(_LETTER.findall(start)) < _LEAST:
        return Language(None, english=True)
    import py3langid  # its model takes half a second to load

    ranked = py3langid.rank(start.encode("utf-8", "replace"))
    code, best = ranked[0]
    english = next(score for label, score in ranked if label == "en")
    if code != "en" and (best - english) / math.sqrt(len(start.encode("utf-8", "replace"))) > _MARGIN:
        return Language(str(code), english=False)
    return Language("en", english=True)
