"""What a retrained model folder says of itself in `training.json`: its start, its data, its held-out articles.

The file is written last, so that a folder with one is complete. It holds hashes of texts, not texts.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from quotestance.model.components import describe
from quotestance.model.errors import ModelError
from quotestance.training.labels import LabelledArticle

RECORD = "training.json"
FORMAT = 1
_LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "accelerate", "datasets", "peft")


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A label file as it was when it was read."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Articles that were not trained on: the files they are in, and the keys of their texts."""

    files: tuple[LabelFile, ...] = ()
    texts: tuple[str, ...] = ()
    statements: int = 0


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """`parts` are the versions of the components trained, by kind, and `bases` what they were made from; `start` is the
    model that training went on from.

    `trained_on` are the keys of the texts that were trained on or validated with, replayed passages not among them;
    `start` has those of the model before. `taken_over` says it of each component that was not trained here.
    """

    parts: Mapping[str, str]
    bases: Mapping[str, Mapping[str, Any]]
    start: Mapping[str, Any]
    labels: tuple[LabelFile, ...]
    trained_on: tuple[str, ...]
    validation: HeldOut
    test: HeldOut
    settings: Mapping[str, Any]
    code: Mapping[str, Any]
    libraries: Mapping[str, str]
    figures: Mapping[str, Any] = field(default_factory=dict)
    taken_over: Mapping[str, Any] = field(default_factory=dict)


def text_key(text: str) -> str:
    """16 hexadecimal digits that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def label_file(path: Path) -> LabelFile:
    """Raises OSError."""
    return LabelFile(str(path.resolve()), **describe(path))


def held_out(paths: Iterable[Path], articles: Sequence[LabelledArticle]) -> HeldOut:
    """`articles` of the files in `paths`."""
    keys = sorted({text_key(a.text) for a in articles})
    return HeldOut(tuple(map(label_file, paths)), tuple(keys), sum(len(a.statements) for a in articles))


def write_record(folder: Path, record: TrainingRecord) -> None:
    """Write `training.json`, whole or not at all."""
    part = folder / f"{RECORD}.part"
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"format": FORMAT, **asdict(record)}, indent=2, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / RECORD)


def read_record(folder: Path) -> TrainingRecord | None:
    """The folder's record; None where it has none (a model that was not made by `quotestance train`).

    Raises ModelError when it is damaged.
    """
    path = folder / RECORD
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("format") != FORMAT:
            raise ModelError(f"{path}: of another format; this version reads format {FORMAT}")
        for name in ("validation", "test"):
            part = content[name]
            files = tuple(LabelFile(**f) for f in part["files"])
            content[name] = HeldOut(files, tuple(part["texts"]), part["statements"])
        content["labels"] = tuple(LabelFile(**f) for f in content["labels"])
        content["trained_on"] = tuple(content["trained_on"])
        return TrainingRecord(**content)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from error


def code_version() -> dict[str, Any]:
    """The package's version, and in a git checkout its commit and whether files were changed since."""
    try:
        package = version("quotestance")
    except PackageNotFoundError:
        package = None
    return {"version": package, **_commit(Path(__file__).resolve().parent)}


def library_versions() -> dict[str, str]:
    """The versions of the libraries that training rests on."""
    return {name: version(name) for name in _LIBRARIES}


def _commit(folder: Path) -> dict[str, Any]:
    git = shutil.which("git")
    if git is None or not (folder.parent / ".git").exists():
        return {"commit": None}
    answers = [
        subprocess.run([git, "-C", str(folder), *command], capture_output=True, text=True, check=False)  # noqa: S603
        for command in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
    ]
    if any(a.returncode for a in answers):
        return {"commit": None}
    return {"commit": answers[0].stdout.strip(), "changed": bool(answers[1].stdout.strip())}
