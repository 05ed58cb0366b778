"""A text cut into words and marks, with offsets."""

import re
import unicodedata
from dataclasses import dataclass

from quotestance.model.common_words import common_words

# Dotted letters ("U.S.", "U.S.-led"), else letters and digits with inner hyphens and apostrophes, else one mark.
_LETTER = r"[\w\u0300-\u036f\u00ad]"  # accents on their own and soft hyphens too
_TOKEN = re.compile(rf"(?:[^\W\d_]\.){{2,}}(?:[-–‑]\w+)*|\w{_LETTER}*(?:[-–‑'’ʼ]{_LETTER}+)*|[^\w\s]")

_PLAIN = str.maketrans({"’": "'", "ʼ": "'", "‑": "-", "\u00ad": None})


@dataclass(frozen=True, slots=True)
class Word:
    """One word or mark of the text. `low` is its folded form without a possessive ending."""

    start: int
    end: int
    text: str
    low: str
    possessive: bool

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()

    @property
    def is_capital(self) -> bool:
        """Begins as a name does: "Kerry", "al-Kadhemi", "M23"."""
        if self.text[0].isupper():
            return True
        return any(part[:1].isupper() for part in re.split(r"[-–‑'’ʼ]", self.text)[1:]) and len(self.text) > 3


def fold(text: str) -> str:
    """Lower case with straight apostrophes, composed accents and no soft hyphens."""
    plain = text.translate(_PLAIN).casefold()
    return plain if plain.isascii() else unicodedata.normalize("NFC", plain)


def words_of(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """The words and marks of `text[start:end]` in order; offsets index `text`. Abbreviations keep their dot."""
    found: list[Word] = []
    stop = len(text) if end is None else end
    for match in _TOKEN.finditer(text, start, stop):
        raw = match.group()
        if raw == "." and found and found[-1].end == match.start() and _takes_dot(found[-1]):
            last = found[-1]
            found[-1] = Word(last.start, match.end(), last.text + ".", last.low, last.possessive)
            continue
        low = fold(raw)
        possessive = len(low) > 2 and low.endswith("'s")
        if low.endswith("'s"):
            low = low[:-2]
        found.append(Word(match.start(), match.end(), raw, low, possessive))
    return found


def _takes_dot(word: Word) -> bool:
    return word.low in common_words().dotted or (len(word.text) == 1 and word.text.isupper())
