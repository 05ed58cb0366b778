"""Statements as labelling tools hold them, spans with attributes, and the way back into a label file's line.

A tool shows less than a label file holds. So the line travels with the task, and a statement that comes back as it
went is the line's own, to the last unknown field; only what a person changed is written anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quotestance.model.errors import LabelError
from quotestance.model.quotation import find_quotes
from quotestance.model.types import Kind, Span
from quotestance.training.labels import article_of, span_of

ATTRIBUTES = ("stance", "kind", "actor", "actor_type", "strike", "about", "certainty")
PREDICTED_BY = "predicted_by"  # of an article whose statements are a model's, not yet seen by a person
_LINE_FIELDS_OF_PLAIN_ROWS = ("actor", "target", "stance", "quote", "certainty")
_ONLY_STRIKE = "S1"
Known = Mapping[Span | None, Mapping[str, Any]]  # by speaker, a statement of the line: what it says of the actor holds


@dataclass(frozen=True, slots=True)
class MarkedStatement:
    """A quote with its speaker and cue (spans of the article's text) and the attributes that a tool shows.

    `origin` is the statement's index in the line that the task was made from, where the tool kept it.
    """

    quote: Span
    speaker: Span | None = None
    cue: Span | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    origin: int | None = None


def as_article(row: Mapping[str, Any]) -> dict[str, Any]:
    """A plain row as a line with one strike and one statement; an article's line as it is.

    `row` is one that `article_of` accepts.
    """
    if "statements" in row:
        return dict(row)
    text: str = row["text"]
    quote = text if row.get("quote") is None else row["quote"]
    start = text.index(quote)
    statement = {"quote": quote, "quote_span": [start, start + len(quote)]}
    statement |= {"actor": row["actor"], "strike": _ONLY_STRIKE, "stance": row["stance"]}
    if "certainty" in row:
        statement["certainty"] = row["certainty"]
    strike = {"id": _ONLY_STRIKE, "description": row["target"], "main": True}
    kept = {key: value for key, value in row.items() if key not in _LINE_FIELDS_OF_PLAIN_ROWS}
    return kept | {"strikes": [strike], "statements": [statement]}


def marked_statement(item: Mapping[str, Any], text: str, origin: int, shown: Sequence[str]) -> MarkedStatement:
    """The statement of a line as a tool that shows the attributes `shown` gets it.

    Raises LabelError when a span is no span of `text`, or there is no quote.
    """
    quote = span_of(item, "quote", text)
    if quote is None:
        raise LabelError("`quote_span` is missing")
    values = {key: item.get(key) for key in shown}
    attributes = {
        key: str(value) for key, value in values.items() if isinstance(value, str | int) and str(value).strip()
    }
    return MarkedStatement(quote, span_of(item, "speaker", text), span_of(item, "cue", text), attributes, origin)


def merged(row: Mapping[str, Any], marked: Sequence[MarkedStatement], shown: Sequence[str]) -> dict[str, Any]:
    """`row` with its statements as they are marked now; a line that comes back as it went is `row` itself.

    Statements of `row` keep their order, new ones follow by place. What a new one lacks is filled in: the actor is
    that of a statement with the same speaker, else the speaker's words; the strike is the main one; certainty is 3.
    The result may be one that `article_of` refuses (no stance, say).
    """
    line = as_article(row)
    text, items = line["text"], line["statements"]
    before = [marked_statement(item, text, i, shown) for i, item in enumerate(items)]
    home = _homes(before, marked)
    kept = {home[i]: i for i in range(len(marked)) if home[i] is not None}

    def known(but: int | None) -> Known:
        # not the statement's own: what an annotator took away would come back
        return {m.speaker: items[i] for i, m in enumerate(before) if m.speaker is not None and i != but}

    statements = []
    for index, old in enumerate(before):
        if index in kept:
            new = marked[kept[index]]
            same = (new.quote, new.speaker, new.cue, new.attributes) == (
                old.quote,
                old.speaker,
                old.cue,
                old.attributes,
            )
            statements.append(items[index] if same else _changed(items[index], old, new, line, known(index), shown))
    fresh = sorted((m for m, at in zip(marked, home, strict=True) if at is None), key=lambda m: m.quote)
    statements += [_changed({}, None, m, line, known(None), shown) for m in fresh]
    return dict(row) if statements == items and "statements" not in row else line | {"statements": statements}


def carried_line(line: Any, text: str) -> dict[str, Any] | None:
    """The line that a tool's item was made from, None where it was made elsewhere.

    Raises LabelError when the line has been spoilt on its way.
    """
    if not isinstance(line, dict) or not ("statements" in line or "actor" in line):
        return None
    row = {**line, "text": text}
    article_of(row)
    return row


def reviewed(row: Mapping[str, Any]) -> dict[str, Any]:
    """The line without the mark that its statements are a model's own."""
    return {key: value for key, value in row.items() if key != PREDICTED_BY}


def main_strike(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The strike that an article is mostly about."""
    strikes: Sequence[Mapping[str, Any]] = row.get("strikes") or ()
    return next((s for s in strikes if s.get("main")), strikes[0] if strikes else None)


def kind_of(text: str, quote: Span) -> Kind:
    """direct: all of it in quotation marks; mixed: a part; indirect: none."""
    start, end = text.rfind("\n", 0, quote.start) + 1, text.find("\n", quote.end)
    quoted = [q.outer for q in find_quotes(text, Span(start, len(text) if end < 0 else end))]
    if any(q.contains(quote) for q in quoted):
        return "direct"
    return "mixed" if any(q.overlaps(quote) for q in quoted) else "indirect"


def _homes(before: Sequence[MarkedStatement], marked: Sequence[MarkedStatement]) -> list[int | None]:
    """For each marked statement the index of the one it was: by the tool's word, else the same, else the same quote."""
    home: list[int | None] = [None] * len(marked)
    free = set(range(len(before)))
    for i, now in enumerate(marked):
        if now.origin in free:
            home[i] = now.origin
            free.discard(now.origin)
    for i, now in enumerate(marked):
        if home[i] is None and free:
            same_quote = [j for j in sorted(free) if before[j].quote == now.quote]
            if same_quote:
                home[i] = min(same_quote, key=lambda j: _differences(before[j], now))
                free.discard(home[i])
    return home


def _differences(a: MarkedStatement, b: MarkedStatement) -> int:
    return (a.speaker != b.speaker) + (a.cue != b.cue) + (a.attributes != b.attributes)


def _changed(
    item: Mapping[str, Any],
    old: MarkedStatement | None,
    new: MarkedStatement,
    line: Mapping[str, Any],
    known: Known,
    shown: Sequence[str],
) -> dict[str, Any]:
    text: str = line["text"]
    result: dict[str, Any] = dict(item)
    for key, span in (("quote", new.quote), ("speaker", new.speaker), ("cue", new.cue)):
        if old is None or span != getattr(old, key):
            result |= {key: span.of(text) if span else "", f"{key}_span": list(span) if span else None}
    defaults = _defaults(new, line, known)
    for key in ATTRIBUTES:
        value = new.attributes.get(key)
        as_it_was = old is not None and (
            value == old.attributes.get(key) if key in shown else not _stale(key, old, new)
        )
        if as_it_was and result.get(key) is not None:
            continue
        if value is None:
            value = defaults.get(key)
        if value is not None:
            result[key] = int(value) if key == "certainty" and value.isdecimal() else value
        else:
            result.pop(key, None)
    return result


def _stale(key: str, old: MarkedStatement, new: MarkedStatement) -> bool:
    """Whether an attribute that the tool does not show no longer holds, because its spans were moved."""
    if key == "kind":
        return new.quote != old.quote
    return key in ("actor", "actor_type") and new.speaker not in (None, old.speaker)


def _defaults(new: MarkedStatement, line: Mapping[str, Any], known: Known) -> dict[str, str]:
    text: str = line["text"]
    strike = main_strike(line)
    defaults = {"kind": kind_of(text, new.quote), "about": "strike", "certainty": "3"}
    if strike is not None:
        defaults["strike"] = str(strike.get("id"))
    if new.speaker is not None:
        same = known.get(new.speaker, {})
        defaults["actor"] = str(same.get("actor") or new.speaker.of(text))
        if same.get("actor_type"):
            defaults["actor_type"] = str(same["actor_type"])
    return defaults
