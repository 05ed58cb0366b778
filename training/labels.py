"""Label files: one article a line with its statements, or plain rows; read with line numbers, nothing lost silently."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quotestance.model.errors import LabelError
from quotestance.model.types import ACTOR_TYPES, KINDS, STANCES, ActorType, Kind, Span, StanceLabel
from quotestance.service.archive.records import content_id
from quotestance.training.label_lines import BadLine, label_lines


@dataclass(frozen=True, slots=True)
class LabelledStatement:
    """One labelled statement: the quote (a span of `text`), who holds it, and the stance toward `target`.

    `certainty` runs from 1 (could go either way) to 3 (clear). `about` is "strike" or what else the statement is
    about. `doc_id` names the article, so that splits never part one article's statements.
    """

    doc_id: str
    text: str
    quote: Span
    speaker: Span | None
    cue: Span | None
    kind: Kind | None
    actor: str
    actor_type: ActorType | None
    target: str
    stance: StanceLabel
    about: str = "strike"
    certainty: int = 3
    strike: str = ""

    @property
    def cue_and_quote(self) -> str:
        """Their words, all that models without the article see."""
        cue = self.cue.of(self.text) if self.cue else ""
        return f"{cue} {self.quote.of(self.text)}"


@dataclass(frozen=True, slots=True)
class LabelledArticle:
    """One labelled article; `target` is the main strike's description, None where the text has no strike."""

    doc_id: str
    text: str
    title: str
    date: str
    source: str
    target: str | None
    statements: tuple[LabelledStatement, ...]


@dataclass(frozen=True, slots=True)
class LabelProblem:
    """A line (or one statement of it) that was refused, and why."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class StatementProblem:
    """A statement of a line that was refused, and why; `number` counts from 1."""

    number: int
    message: str

    def __str__(self) -> str:
        return f"statement {self.number}: {self.message}"


@dataclass(frozen=True, slots=True)
class Labels:
    """What label files hold: articles, and what was refused."""

    articles: tuple[LabelledArticle, ...]
    problems: tuple[LabelProblem, ...]

    @property
    def statements(self) -> tuple[LabelledStatement, ...]:
        return tuple(statements_of(self.articles))

    @property
    def whole_articles(self) -> list[LabelledArticle]:
        return whole(self.articles)


def whole(articles: Iterable[LabelledArticle]) -> list[LabelledArticle]:
    """Those that a reader can read: plain rows have no article around them."""
    return [a for a in articles if any(s.kind for s in a.statements)]


def statements_of(articles: Iterable[LabelledArticle]) -> list[LabelledStatement]:
    """The articles' statements, in order."""
    return [s for a in articles for s in a.statements]


def read_labels(paths: Iterable[str | Path]) -> Labels:
    """Read label files (`.jsonl`, `.jsonl.gz`), in either of the two formats.

    Raises LabelError when a file cannot be opened or holds no usable statement at all.
    """
    articles: list[LabelledArticle] = []
    problems: list[LabelProblem] = []
    for path in map(Path, paths):
        before, refused_before = len(articles), len(problems)
        for line in label_lines(path):
            if isinstance(line, BadLine):
                problems.append(LabelProblem(str(path), line.number, line.reason))
                continue
            try:
                article, refused = article_of(line.fields)
            except LabelError as error:
                problems.append(LabelProblem(str(path), line.number, str(error)))
                continue
            articles.append(article)
            problems += [LabelProblem(str(path), line.number, str(problem)) for problem in refused]
        if not statements_of(articles[before:]):
            first = "".join(f"; first problem: {problem}" for problem in problems[refused_before : refused_before + 1])
            raise LabelError(f"{path}: no usable label in this file{first}")
    return Labels(tuple(articles), tuple(problems))


def article_of(row: Mapping[str, Any]) -> tuple[LabelledArticle, list[StatementProblem]]:
    """One line of a label file, and the statements in it that were refused; a plain row is an article of its own.

    One without an id gets it from its text. Raises LabelError when the line as a whole cannot be used.
    """
    text = _string(row, "text")
    if not text.strip():
        raise LabelError("`text` is empty")
    doc_id = str(row.get("doc_id") or row.get("id") or content_id(text))
    if "statements" not in row:
        statement = _plain_row(row, doc_id, text)
        return LabelledArticle(doc_id, text, "", "", "", statement.target, (statement,)), []
    usable = [s for s in _objects(row, "strikes") if is_declared(s)]
    strikes: dict[str, list[Mapping[str, Any]]] = {}
    for strike in usable:
        strikes.setdefault(str(strike["id"]), []).append(strike)
    main = next((s for s in usable if s.get("main")), usable[0] if usable else None)
    statements: list[LabelledStatement] = []
    problems: list[StatementProblem] = []
    for number, item in enumerate(_objects(row, "statements"), 1):
        try:
            statements.append(_statement(item, doc_id, text, strikes))
        except LabelError as error:
            problems.append(StatementProblem(number, str(error)))
    article = LabelledArticle(
        doc_id=doc_id,
        text=text,
        title=str(row.get("title") or ""),
        date=str(row.get("date") or ""),
        source=str(row.get("source") or ""),
        target=main["description"] if main else None,
        statements=tuple(statements),
    )
    return article, problems


def is_declared(strike: Mapping[str, Any]) -> bool:
    """Whether one of an article's strikes has an id and says what it is."""
    description = strike.get("description")
    return strike.get("id") is not None and isinstance(description, str) and bool(description.strip())


def _plain_row(row: Mapping[str, Any], doc_id: str, text: str) -> LabelledStatement:
    quote = row.get("quote")
    if quote is None:
        span = Span(0, len(text))
    elif isinstance(quote, str) and quote and quote in text:
        start = text.index(quote)
        span = Span(start, start + len(quote))
    else:
        raise LabelError("`quote` is not a substring of `text`")
    return LabelledStatement(
        doc_id=doc_id,
        text=text,
        quote=span,
        speaker=None,
        cue=None,
        kind=None,
        actor=_string(row, "actor"),
        actor_type=None,
        target=_string(row, "target"),
        stance=_stance(row),
        certainty=_certainty(row),
    )


def _statement(
    item: Mapping[str, Any], doc_id: str, text: str, strikes: Mapping[str, Sequence[Mapping[str, Any]]]
) -> LabelledStatement:
    quote = span_of(item, "quote", text)
    if quote is None:
        raise LabelError("`quote_span` is missing")
    strike = str(item.get("strike", ""))
    if strike not in strikes:
        raise LabelError(f"`strike` {strike!r} is not the id of one of the article's strikes")
    if len(strikes[strike]) > 1:
        raise LabelError(f"`strike` {strike!r} is the id of {len(strikes[strike])} of the article's strikes")
    kind = item.get("kind")
    if kind is not None and kind not in KINDS:
        raise LabelError(f"`kind` {kind!r} is not one of {', '.join(KINDS)}")
    actor_type = item.get("actor_type")
    if actor_type is not None and actor_type not in ACTOR_TYPES:
        raise LabelError(f"`actor_type` {actor_type!r} is not one of {', '.join(ACTOR_TYPES)}")
    return LabelledStatement(
        doc_id=doc_id,
        text=text,
        quote=quote,
        speaker=_whole_words(text, span_of(item, "speaker", text), quote),
        cue=_whole_words(text, span_of(item, "cue", text), quote),
        kind=kind,
        actor=_string(item, "actor"),
        actor_type=actor_type,
        target=strikes[strike][0]["description"],
        stance=_stance(item),
        about=str(item.get("about") or "strike"),
        certainty=_certainty(item),
        strike=strike,
    )


def _string(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise LabelError(f"`{key}` is missing" if value is None else f"`{key}` must be a text that is not empty")
    return value


def _objects(row: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = row.get(key)
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise LabelError(f"`{key}` must be a list of objects")
    return value


def span_of(item: Mapping[str, Any], key: str, text: str) -> Span | None:
    """The statement's `{key}_span` (key: quote, speaker or cue), None where it has none.

    Raises LabelError when it is no span of `text`, or holds other words than `key` says.
    """
    value = item.get(f"{key}_span")
    if value is None:
        return None
    # bool is an int in Python; a label file that says true meant something else
    if not (isinstance(value, list) and len(value) == 2 and all(type(v) is int for v in value)):
        raise LabelError(f"`{key}_span` must be two whole numbers, [start, end]")
    span = Span(*value)
    if span.start >= span.end:
        raise LabelError(f"`{key}_span` {value} does not end after its start")
    written = item.get(key)
    if not 0 <= span.start < span.end <= len(text):
        place = f"; it is for `{key}`, {_place(text, written, span)}" if isinstance(written, str) else ""
        raise LabelError(f"`{key}_span` {value} lies outside the text of {len(text)} characters{place}")
    if isinstance(written, str) and span.of(text) != written:
        raise LabelError(f"`{key}_span` {value} holds other words than `{key}`, {_place(text, written, span)}")
    return span


def _place(text: str, written: str, span: Span) -> str:
    """Where `written` does stand, the place nearest to `span`."""
    if not written:
        return "which is empty"
    start = max(0, span.start)
    before, after = text.rfind(written, 0, start + len(written)), text.find(written, start)
    places = [at for at in (before, after) if at >= 0]
    if not places:
        return "which stands nowhere in the text"
    at = min(places, key=lambda place: abs(place - start))
    return f"which stands at [{at}, {at + len(written)}]"


def _whole_words(text: str, span: Span | None, quote: Span) -> Span | None:
    """A mention whose span cuts a word ("he" in "they") moved to the nearest place where it stands by itself."""
    if span is None or stands_alone(text, span):
        return span
    places = [Span(*m.span()) for m in re.finditer(re.escape(span.of(text)), text)]
    alone = [p for p in places if stands_alone(text, p)]
    return min(alone, key=lambda p: max(p.start - quote.end, quote.start - p.end), default=None)


def stands_alone(text: str, span: Span) -> bool:
    """Whether the span begins and ends at the edges of words, not within one."""
    cut_before = span.start > 0 and text[span.start - 1].isalnum() and text[span.start].isalnum()
    cut_after = span.end < len(text) and text[span.end].isalnum() and text[span.end - 1].isalnum()
    return not (cut_before or cut_after)


def _stance(row: Mapping[str, Any]) -> StanceLabel:
    value = row.get("stance")
    for stance in STANCES:
        if value == stance:
            return stance
    raise LabelError(f"`stance` {value!r} is not one of {', '.join(STANCES)}")


def _certainty(row: Mapping[str, Any]) -> int:
    value = row.get("certainty", 3)
    if type(value) is not int or not 1 <= value <= 3:
        raise LabelError(f"`certainty` {value!r} is not 1, 2 or 3")
    return value
