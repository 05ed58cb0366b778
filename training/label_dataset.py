"""Labelled statements as a `datasets.Dataset`, one a row, which the loop draws its examples from."""

from collections.abc import Mapping, Sequence
from typing import Any

from datasets import Dataset, Features, Value

from quotestance.model.types import Span
from quotestance.training.labels import LabelledStatement

_TEXTS = ("doc_id", "text", "kind", "actor", "actor_type", "target", "stance", "about", "strike")
_SPANS = ("quote", "speaker", "cue")
# bytes, since a text may hold lone surrogates, which Arrow's strings cannot
_FEATURES = Features(
    {name: Value("binary") for name in _TEXTS}
    | {f"{name}_{edge}": Value("int64") for name in _SPANS for edge in ("start", "end")}
    | {"certainty": Value("int64")}
)


def as_dataset(statements: Sequence[LabelledStatement]) -> Dataset:
    """The statements in order; `statement_of` gives them back."""
    columns: dict[str, list[Any]] = {name: [_encoded(getattr(s, name)) for s in statements] for name in _TEXTS}
    for name in _SPANS:
        spans: list[Span | None] = [getattr(s, name) for s in statements]
        columns[f"{name}_start"] = [s.start if s else None for s in spans]
        columns[f"{name}_end"] = [s.end if s else None for s in spans]
    columns["certainty"] = [s.certainty for s in statements]
    return Dataset.from_dict(columns, features=_FEATURES)


def statement_of(row: Mapping[str, Any]) -> LabelledStatement:
    """The statement of a row of `as_dataset`."""
    texts: dict[str, Any] = {
        name: None if row[name] is None else row[name].decode("utf-8", "surrogatepass") for name in _TEXTS
    }
    starts = {name: row[f"{name}_start"] for name in _SPANS}
    spans: dict[str, Any] = {
        name: None if start is None else Span(start, row[f"{name}_end"]) for name, start in starts.items()
    }
    return LabelledStatement(**texts, **spans, certainty=row["certainty"])


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogatepass")
