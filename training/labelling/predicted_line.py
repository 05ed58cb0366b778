"""A scored article as a label line whose statements are the model's, for a person to correct."""

from collections.abc import Mapping, Sequence
from typing import Any

from quotestance.model.errors import LabelError
from quotestance.training.labelling.marked import PREDICTED_BY
from quotestance.training.labels import span_of

_METADATA = ("title", "date", "source", "url")


def predicted_line(scored: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The line for an article scored as in the contract; of several targets, statements are toward the first.

    Raises LabelError when the statements' offsets are not of `text`.
    """
    targets = scored.get("targets") or ([scored["target"]] if scored.get("target") else [])
    strikes = [
        {"id": f"S{number}", "description": target["text"], "main": number == 1}
        for number, target in enumerate(targets, 1)
    ]
    statements = [_statement(item, bool(strikes)) for item in scored["statements"]]
    for number, statement in enumerate(statements, 1):
        for key in ("quote", "speaker", "cue"):
            try:
                span_of(statement, key, text)
            except LabelError as error:
                raise LabelError(f"statement {number}: {error}; was another text scored?") from None
    row: dict[str, Any] = {"doc_id": str(scored.get("id") or scored.get("doc_id") or "")}
    row |= {key: scored[key] for key in _METADATA if scored.get(key) is not None}
    row |= {"text": text, "strikes": strikes, "statements": statements}
    return row | {PREDICTED_BY: str(scored.get("model") or "model")}


def probabilities_of(scored: Mapping[str, Any]) -> list[Sequence[float]]:
    """The distribution of each statement that has one."""
    given = [item.get("probabilities") for item in scored["statements"]]
    return [[float(p) for p in probabilities.values()] for probabilities in given if isinstance(probabilities, dict)]


def _statement(item: Mapping[str, Any], has_strike: bool) -> dict[str, Any]:
    statement: dict[str, Any] = {"quote": item.get("quote"), "quote_span": [item.get("start"), item.get("end")]}
    for key in ("speaker", "cue"):
        start, end = item.get(f"{key}_start"), item.get(f"{key}_end")
        statement |= {key: item.get(key), f"{key}_span": None if start is None else [start, end]}
    statement |= {key: item.get(key) for key in ("kind", "actor", "actor_type")}
    return statement | {"strike": "S1" if has_strike else "", "stance": item.get("stance"), "about": "strike"}
