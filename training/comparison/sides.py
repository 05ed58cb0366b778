"""The two models of a comparison: where they are, what they have seen, how large and how fast they are."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from quotestance.model import pipeline
from quotestance.model.passages import Passage
from quotestance.model.pipeline import Model, load
from quotestance.model.reader import TaggedReader
from quotestance.model.version_folder import current_model
from quotestance.training.examples import passage_of
from quotestance.training.labels import LabelledStatement
from quotestance.training.trained_on import FILES, TEXTS, manifest, together, trained_on

SHIPPED_NAME = "shipped"
KINDS = ("reader", "scorer")
_TIMED = 96  # statements a round
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Side:
    """A loaded model; `parts` are the folders of its components, which may lie in several model folders."""

    name: str
    model: Model
    parts: dict[str, Path]

    @property
    def bytes(self) -> int:
        """What its components' files take on disk, a file that two of them share counted once."""
        files = {(folder / name).resolve() for folder in self.parts.values() for name in manifest(folder)["files"]}
        return sum(f.stat().st_size for f in files)


def same_scorer(one: Model, other: Model) -> bool:
    """Whether the two have the same weights and the same settings."""
    return (one.scorer.version, one.scorer.config) == (other.scorer.version, other.scorer.config)


def same_reader(one: Model, other: Model) -> bool:
    """Whether the two have the same weights or rules, and the same settings."""
    settings = [m.reader.tagger.config if isinstance(m.reader, TaggedReader) else None for m in (one, other)]
    return one.reader.version == other.reader.version and settings[0] == settings[1]


@dataclass(frozen=True, slots=True)
class Seen:
    """Texts (by key) and files (by SHA-256) that a model was trained on."""

    texts: frozenset[str]
    files: frozenset[str]

    def __or__(self, other: "Seen") -> "Seen":
        return Seen(self.texts | other.texts, self.files | other.files)


def open_side(name: str) -> Side:
    """`shipped`, a model folder, or a folder of versions (the one in service). Raises ModelError."""
    folder = pipeline.SHIPPED if name == SHIPPED_NAME else current_model(Path(name))
    return Side(name, load(folder), part_folders(folder))


def part_folders(folder: Path) -> dict[str, Path]:
    """The components that a model folder is loaded with: its own, and the package's for what it lacks."""
    found = {kind: (folder if (folder / kind).is_dir() else pipeline.SHIPPED) / kind for kind in KINDS}
    return {kind: part for kind, part in found.items() if part.is_dir()}


def seen_by(side: Side) -> Seen:
    """What the model was trained on, as far as its folders say. Raises ModelError when a record is damaged.

    A folder with a `training.json` names the articles; of another only the files are known.
    """
    facts = together([trained_on(part) for part in side.parts.values()])
    return Seen(frozenset(facts[TEXTS]), frozenset(entry["sha256"] for entry in facts[FILES]))


def speeds(sides: Sequence[Side], statements: Sequence[LabelledStatement]) -> list[float]:
    """Statements a second that each model judges: the best of a few rounds that take turns, on the same statements."""
    best = [0.0] * len(sides)
    chosen = statements[:_TIMED]
    passages: list[list[Passage]] = [[passage_of(s, side.model.scorer.config.limits) for s in chosen] for side in sides]
    for _ in range(_ROUNDS):
        for i, side in enumerate(sides):
            started = time.perf_counter()
            side.model.scorer.judge(passages[i])
            best[i] = max(best[i], len(chosen) / (time.perf_counter() - started))
    return best
