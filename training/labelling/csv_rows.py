"""Plain rows as CSV, in and out: columns text, actor, target, stance and, where known, quote."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quotestance.model.errors import LabelError
from quotestance.service.csv_lines import CsvLines
from quotestance.training.label_lines import BadLine, LabelLine
from quotestance.training.labels import LabelledStatement

NEEDED = ("text", "actor", "target", "stance")
OPTIONAL = ("quote", "doc_id", "certainty")
WRITTEN = ("doc_id", "text", "quote", "actor", "target", "stance", "kind", "actor_type", "about", "certainty")
_DELIMITERS = (",", ";", "\t")


def csv_rows(text: str, columns: Mapping[str, str]) -> Iterator[LabelLine | BadLine]:
    """The rows under the header, as plain rows; `columns` names the file's column for a field of ours.

    Commas, semicolons and tabs are told apart by the header. Other columns are kept as they are; left out is one
    that has the name of a field which `columns` finds elsewhere. Raises LabelError when the header lacks a column.
    """
    header, delimiter = _header(text, columns)
    names = {columns.get(field, field): field for field in (*NEEDED, *OPTIONAL)}
    kept = [column in names or column not in columns for column in header]
    for line, cells, raw in CsvLines(io.BytesIO(text.encode("utf-8", "surrogateescape")), delimiter).rows():
        written = raw.decode("utf-8", "replace")
        if isinstance(cells, str):
            yield BadLine(line, f"not valid CSV: {cells}", written)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            yield BadLine(line, f"{len(cells)} columns, where the header has {len(header)}", written)
            continue
        row: dict[str, Any] = {
            names.get(column, column): cell for column, cell, keep in zip(header, cells, kept, strict=True) if keep
        }
        yield LabelLine(line, _typed(row), written)


def write_csv(statements: Sequence[LabelledStatement]) -> str:
    """The statements as CSV, a row each; offsets are lost, so a quote is found again at its first place in the text."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(WRITTEN)
    for s in statements:
        described = (s.kind or "", s.actor_type or "", s.about, s.certainty)
        writer.writerow((s.doc_id, s.text, s.quote.of(s.text), s.actor, s.target, s.stance, *described))
    return stream.getvalue()


def mapping(pairs: Sequence[str]) -> dict[str, str]:
    """`text=Body` (several with commas or several times) as a mapping from our field to the file's column.

    Raises LabelError when one is not of this form.
    """
    found: dict[str, str] = {}
    for pair in (part for pairs_of_one in pairs for part in pairs_of_one.split(",")):
        field, equals, column = (piece.strip() for piece in pair.partition("="))
        if not equals or not column or field not in (*NEEDED, *OPTIONAL):
            raise LabelError(f"--map {pair}: write FIELD=COLUMN, with FIELD one of {', '.join((*NEEDED, *OPTIONAL))}")
        found[field] = column
    return found


def _header(text: str, columns: Mapping[str, str]) -> tuple[list[str], str]:
    wanted = [columns.get(field, field) for field in NEEDED]
    wanted += [column for field, column in columns.items() if field not in NEEDED]
    best: tuple[int, list[str], str] | None = None
    for delimiter in _DELIMITERS:
        try:
            header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        except csv.Error:
            continue
        header = [column.strip() for column in header]
        hits = sum(column in header for column in wanted)
        if best is None or hits > best[0]:
            best = (hits, header, delimiter)
    hits, header, delimiter = best or (0, [], ",")
    missing = [column for column in wanted if column not in header]
    if missing:
        raise LabelError(
            f"no column {', '.join(map(repr, missing))} in the header ({', '.join(header)[:200]}); "
            "name columns of other names with --map FIELD=COLUMN"
        )
    doubled = [column for column in dict.fromkeys(header) if header.count(column) > 1]
    if doubled:
        raise LabelError(f"the column {doubled[0]!r} stands twice in the header")
    return header, delimiter


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """Empty optional cells left out, and the certainty as a number."""
    kept = {field: cell for field, cell in row.items() if cell or field not in OPTIONAL}
    certainty = kept.get("certainty")
    if isinstance(certainty, str) and certainty.isascii() and certainty.isdecimal() and len(certainty) < 10:
        kept["certainty"] = int(certainty)
    stance = kept.get("stance")
    if isinstance(stance, str):
        kept["stance"] = stance.strip().lower()
    return kept
