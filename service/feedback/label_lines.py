"""Corrections as labels: an article a line, or a row for each, in the formats that `quotestance train` reads."""

from collections.abc import Iterator
from typing import Any, Literal

from quotestance.model.types import Span
from quotestance.service.archive.records import content_id
from quotestance.service.feedback.correction import CorrectedArticle, Correction, Stored
from quotestance.service.feedback.times import iso_time

LabelFormat = Literal["articles", "rows"]

_CLEAR = 3  # the certainty of a label that says nothing of it


def labels_of(article: CorrectedArticle, form: LabelFormat) -> Iterator[dict[str, Any]]:
    """The lines of one corrected article."""
    if form == "articles":
        yield _article(article)
    else:
        yield from (_row(article, stored.correction) for stored in article.corrections)


def _article(article: CorrectedArticle) -> dict[str, Any]:
    # dict.fromkeys keeps the order: the target that comes first is the main one
    targets = dict.fromkeys(stored.correction.target for stored in article.corrections)
    strikes = {target: f"S{number}" for number, target in enumerate(targets, start=1)}
    return {
        "doc_id": _doc_id(article),
        **{field: _latest(article, field) or "" for field in ("title", "date", "source", "url")},
        "text": article.text,
        "strikes": [
            {"id": name, "description": target, "attacker": "", "main": name == "S1"}
            for target, name in strikes.items()
        ],
        "statements": [_statement(stored, strikes[stored.correction.target]) for stored in article.corrections],
    }


def _statement(stored: Stored, strike: str) -> dict[str, Any]:
    correction = stored.correction
    quote = correction.quote or Span(0, len(correction.text))
    return {
        "quote": quote.of(correction.text),
        "quote_span": list(quote),
        "speaker": correction.speaker,
        "speaker_span": _listed(correction.speaker_span),
        "cue": correction.cue,
        "cue_span": _listed(correction.cue_span),
        "kind": correction.kind,
        "actor": correction.actor,
        "actor_type": correction.actor_type,
        "strike": strike,
        "stance": correction.stance,
        "about": correction.about or "strike",
        "certainty": correction.certainty or _CLEAR,
        "feedback_id": stored.id,
        "received": iso_time(stored.received),
        "model": correction.model,
    }


def _row(article: CorrectedArticle, correction: Correction) -> dict[str, Any]:
    row: dict[str, Any] = {
        "doc_id": _doc_id(article),  # so that no split parts an article's rows
        "text": article.text,
        "actor": correction.actor,
        "target": correction.target,
        "stance": correction.stance,
    }
    if correction.quote is not None:
        row["quote"] = correction.quote.of(article.text)
    if correction.certainty is not None:
        row["certainty"] = correction.certainty
    return row


def _doc_id(article: CorrectedArticle) -> str:
    return _latest(article, "article_id") or content_id(article.text)


def _latest(article: CorrectedArticle, field: str) -> str | None:
    """What the latest correction that says anything says."""
    told = [(s.received, getattr(s.correction, field)) for s in article.corrections if getattr(s.correction, field)]
    return max(told, key=lambda pair: pair[0])[1] if told else None


def _listed(span: Span | None) -> list[int] | None:
    return None if span is None else list(span)
