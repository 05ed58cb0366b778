"""What a component of a model folder was trained on: texts where a record says so, else the files of its manifest."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from quotestance.model.components import MANIFEST
from quotestance.model.errors import ModelError
from quotestance.training.labels import read_labels
from quotestance.training.save import files_once
from quotestance.training.training_record import label_file, read_record, text_key

TEXTS, FILES = "trained_on", "data"  # what the facts hold: keys of texts, and entries of a manifest's `data`
Facts = Mapping[str, Sequence[Any]]


def trained_on(part: Path) -> Facts:
    """The keys of the texts, and the files of which the texts are not known, for the component in the folder `part`.

    What the component was continued from counts, too. Raises ModelError when the record or the manifest is damaged.
    """
    record = read_record(part.parent)
    if record is not None and part.name in record.parts:
        own: Facts = {TEXTS: record.trained_on}
        return together([own, record.start])
    if record is not None and part.name in record.taken_over:
        return together([record.taken_over[part.name]])
    return together([manifest(part)])


def together(facts: Sequence[Mapping[str, Any]]) -> Facts:
    """All of them as one, each text and each file once."""
    texts = {text for one in facts for text in one.get(TEXTS, ())}
    return {TEXTS: sorted(texts), FILES: files_once(entry for one in facts for entry in one.get(FILES, ()))}


def texts_of_known_files(paths: Iterable[Path], known: Collection[str]) -> set[str]:
    """The keys of the texts in those of the label files whose SHA-256 is `known`. Raises LabelError, OSError."""
    files = [path for path in paths if label_file(path).sha256 in known]
    return {text_key(article.text) for article in read_labels(files).articles}


def manifest(part: Path) -> dict[str, Any]:
    """The component's manifest. Raises ModelError when it cannot be read."""
    try:
        content: dict[str, Any] = json.loads((part / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{part / MANIFEST}: cannot be read: {error}") from error
    return content
