"""Texts for load: invented sentences, put together to the lengths that news statements and articles have."""

import random
from collections.abc import Sequence

_ACTORS = (
    "Ana Brandt",
    "the government of Sudmark",
    "Omar Fell",
    "Norvania's army",
    "the Halle Relief Group",
    "Ines Holt",
)
_TARGET = "Norvania's strike on a depot near the port of Halle"
_CUES = ("said", "told reporters", "warned", "wrote in a statement", "added", "insisted")
_SAID = (
    "We had no choice but to act before the convoy reached the coast.",
    "This was a grave mistake, and those who ordered it must answer for it.",
    "Nine people were brought to the clinic during the night.",
    "Our allies were told an hour before the first aircraft took off.",
    "It was a measured answer to months of attacks on our ships.",
    "No one has shown us that the building held anything but grain.",
    "The port will stay closed until the fires are out.",
)


def statements(count: int, seed: int = 0) -> list[dict[str, str]]:
    """Rows as `/v1/stance` takes them: 8 to about 220 words, half of them under 35."""
    chance = random.Random(seed)
    return [_row(chance, int(min(220, max(8, chance.lognormvariate(3.5, 0.7))))) for _ in range(count)]


def articles(count: int, seed: int = 0) -> list[dict[str, str]]:
    """Articles as `/v1/articles` takes them: 80 to about 1,500 words, half of them under 350."""
    chance = random.Random(seed)
    return [_article(chance, i, int(min(1_500, max(80, chance.lognormvariate(5.85, 0.6))))) for i in range(count)]


def _row(chance: random.Random, words: int) -> dict[str, str]:
    actor = chance.choice(_ACTORS)
    text = f"“{_sentences(chance, words)}” {actor} {chance.choice(_CUES)}."
    return {"text": text, "actor": actor, "target": _TARGET}


def _article(chance: random.Random, number: int, words: int) -> dict[str, str]:
    lead = "HALLE — Norvania struck a depot near the port of Halle early on Monday, officials said."
    paragraphs = [lead]
    while sum(len(p.split()) for p in paragraphs) < words:
        actor, cue = chance.choice(_ACTORS), chance.choice(_CUES)
        paragraphs.append(f"“{_sentences(chance, chance.randint(8, 40))}” {actor} {cue}.")
    return {"id": f"a{number}", "title": "Norvania strikes depot near Halle", "text": "\n\n".join(paragraphs)}


def _sentences(chance: random.Random, words: int) -> str:
    chosen: list[str] = []
    while sum(map(_words, chosen)) < words:
        chosen.append(chance.choice(_SAID))
    return " ".join(" ".join(chosen).split()[:words])


def _words(text: str) -> int:
    return len(text.split())


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them are at or under; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
