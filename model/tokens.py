"""Words and marks of a stretch of text, with offsets, and the closed word classes that the reader's rules lean on."""

import re
from dataclasses import dataclass


def word_set(words: str) -> frozenset[str]:
    """A set of words from a space-separated list."""
    return frozenset(words.split())


_TITLES = (
    "Sen|Rep|Gov|Gen|Lt|Col|Maj|Brig|Adm|Capt|Sgt|Mr|Mrs|Ms|Dr|Prof|Rev|St|Jr|Sr|Jan|Feb|Aug|Sept|Oct|Nov|Dec|No|Mt"
)
_TOKEN = re.compile(
    rf"\b(?:{_TITLES})\."  # "Sen."
    r"|(?:[^\W\d_]\.){2,}(?:[-–‑]\w+)*"  # "U.S.", "U.S.-led"
    r"|\b[A-Z]\.(?=\s+[A-Z])"  # "John F. Aro"
    r"|\d+(?:[.,]\d+)*(?:%|[\w-]*\w)?"  # "2,500", "30-day"
    r"|\w+(?:[-’'&.]\w+)*"
    r"|\.{2,}|-{2,}|[^\w\s]"
)

DETERMINERS = word_set(
    "the a an this these those some any many most several few all both each every another other no "
    "his her its their our my your one two three four five six seven eight nine ten dozens hundreds"
)
PREPOSITIONS = word_set(
    "of in on at by for from with to into onto over under about against during after before between among through "
    "without within across around near behind beyond despite toward towards amid upon via since until per as than "
    "like except inside outside along off"
)
SUBJECT_PRONOUNS = word_set("he she it they we i you")
OBJECT_PRONOUNS = word_set("him her it them us me you himself herself itself themselves")
RELATIVES = word_set("who which whose whom where")
CONJUNCTIONS = word_set(
    "and or but nor yet so because although though while whereas whether if unless when whenever once that what "
    "how why then even"
)
COORDINATORS = word_set("and or but then yet")
BE = word_set("is are was were be been being am isn't aren't wasn't weren't isn’t aren’t wasn’t weren’t")
HAVE = word_set("has have had having hasn't haven't hadn't hasn’t haven’t hadn’t")
MODALS = word_set(
    "will would can could may might shall should must do does did won't wouldn't can't cannot couldn't shouldn't don't "
    "doesn't didn't won’t wouldn’t can’t couldn’t shouldn’t don’t doesn’t didn’t"
)
AUXILIARIES = BE | HAVE | MODALS
ADVERBS = word_set(
    "also still later earlier then now again never not ever always often once already even just only too soon thus "
    "however meanwhile instead further furthermore therefore nevertheless nonetheless long far first "
    "yesterday today tonight tomorrow perhaps indeed rather both all each there here yet"
)
TIME_WORDS = word_set(
    "monday tuesday wednesday thursday friday saturday sunday yesterday today tonight tomorrow january february march "
    "april may june july august september october november december jan. feb. aug. sept. oct. nov. dec. morning "
    "afternoon evening night week month year weekend last late early earlier later this next overnight"
)
DAYS_AND_MONTHS = word_set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september "
    "october november december jan. feb. aug. sept. oct. nov. dec."
)


QUOTE = "<quote>"  # the text of the one token that stands for a whole direct quote


@dataclass(frozen=True, slots=True)
class Token:
    """One word or mark; `lower` is its lower-case form, `quoted` tells whether it stands inside quote marks."""

    text: str
    lower: str
    start: int
    end: int
    quoted: bool = False

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()

    @property
    def is_capitalised(self) -> bool:
        return self.text != self.lower  # also "al-Masri"

    @property
    def is_possessive(self) -> bool:
        return self.lower.endswith(("'s", "’s")) and self.lower not in {
            "it's",
            "it’s",
            "he's",
            "he’s",
            "she's",
            "she’s",
        }

    @property
    def is_adverb(self) -> bool:
        return self.lower in ADVERBS or (self.lower.endswith("ly") and len(self.text) > 4 and self.text[0].islower())


def tokenize(text: str, start: int, end: int) -> list[Token]:
    """The tokens of `text[start:end]`, with offsets into `text`."""
    return [Token(m.group(), m.group().lower(), m.start(), m.end()) for m in _TOKEN.finditer(text, start, end)]
