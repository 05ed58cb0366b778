"""Label files read once for checking: each usable line with its article, and a finding for each that is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quotestance.model.errors import LabelError
from quotestance.model.types import Span
from quotestance.training.label_lines import BadLine, label_lines
from quotestance.training.labelling.findings import Finding, Place, short
from quotestance.training.labelling.marked import PREDICTED_BY
from quotestance.training.labels import LabelledArticle, LabelledStatement, article_of, is_declared, stands_alone


@dataclass(frozen=True, slots=True)
class Entry:
    """A usable line: its article, its fields, and for each of the article's statements the number it has there."""

    place: Place
    article: LabelledArticle
    fields: Mapping[str, Any]
    numbers: tuple[int, ...]

    @property
    def is_row(self) -> bool:
        """Whether the line is a plain row."""
        return "statements" not in self.fields

    def statements(self) -> list[tuple[Place, LabelledStatement]]:
        """The statements with their places."""
        path, line = self.place.path, self.place.line
        return [
            (Place(path, line, None if self.is_row else number), statement)
            for number, statement in zip(self.numbers, self.article.statements, strict=True)
        ]


def read_entries(paths: Sequence[Path]) -> tuple[list[Entry], list[Finding]]:
    """The usable lines, and what is wrong with the others and with single statements.

    Raises LabelError when a file cannot be opened.
    """
    entries: list[Entry] = []
    findings: list[Finding] = []
    for path in paths:
        for line in label_lines(path):
            place = Place(str(path), line.number)
            if isinstance(line, BadLine):
                findings.append(Finding("fail", "readable", line.reason, place))
                continue
            try:
                article, problems = article_of(line.fields)
            except LabelError as error:
                findings.append(Finding("fail", "readable", f"{error}{_hint(line.fields)}", place))
                continue
            refused = {problem.number for problem in problems}
            count = len(article.statements) + len(refused)
            entries.append(
                Entry(place, article, line.fields, tuple(n for n in range(1, count + 1) if n not in refused))
            )
            for problem in problems:
                message = problem.message + _what_stands_there(line.fields, problem.number)
                findings.append(Finding("fail", "readable", message, Place(str(path), line.number, problem.number)))
            findings += _oddities(line.fields, place) + _cut_words(entries[-1])
    return entries, findings


def _what_stands_there(fields: Mapping[str, Any], number: int) -> str:
    """The words in a span that holds others than it should, for the person who has to mend it."""
    item, text = fields["statements"][number - 1], fields["text"]
    for key in ("quote", "speaker", "cue"):
        value, written = item.get(f"{key}_span"), item.get(key)
        if isinstance(value, list) and len(value) == 2 and all(type(v) is int for v in value):
            found = Span(*value).of(text) if 0 <= value[0] < value[1] <= len(text) else ""
            if found and isinstance(written, str) and found != written:
                return f"; there stands {short(found)}, and `{key}` is {short(written)}"
    return ""


def _oddities(fields: Mapping[str, Any], place: Place) -> list[Finding]:
    found: list[Finding] = []
    if fields.get(PREDICTED_BY):
        message = f"its statements are a model's ({fields[PREDICTED_BY]}): correct them, and take `{PREDICTED_BY}` out"
        found.append(Finding("warn", "readable", message, place))
    strikes = fields.get("strikes") if "statements" in fields else None
    if isinstance(strikes, list) and strikes:
        mains = sum(bool(strike.get("main")) for strike in strikes)
        if mains != 1:
            message = f"{mains} of its {len(strikes)} strikes are marked `main`; the first of them is taken"
            found.append(Finding("warn", "strikes", message, place))
        lacking = sum(not is_declared(s) for s in strikes)
        if lacking:
            found.append(Finding("warn", "strikes", f"{lacking} strikes lack `id` or `description`", place))
    return found


def _cut_words(entry: Entry) -> list[Finding]:
    """Quotes that begin or end within a word: their offsets probably count something else."""
    return [
        Finding(
            "warn",
            "spans",
            f"`quote_span` cuts a word, {short(s.quote.of(s.text))}; do the offsets count characters (Unicode code "
            "points), not bytes or UTF-16 units?",
            place,
        )
        for place, s in entry.statements()
        if not stands_alone(s.text, s.quote)
    ]


def _hint(fields: Mapping[str, Any]) -> str:
    foreign = isinstance(fields.get("data"), dict) or isinstance(fields.get("entities"), list)
    return "; another tool's export? `quotestance labels import` brings it in" if foreign else ""
