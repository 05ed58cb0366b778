"""Articles in, one record at a time; what cannot be used becomes a BadRecord and the rest goes on."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quotestance.model.errors import InputError
from quotestance.model.types import Article
from quotestance.service.archive.sources import Source
from quotestance.service.json_text import parse_json
from quotestance.service.lines import MAX_BYTES, decoded, numbered_lines, whole_text

_RAW_OF_OVERLONG = 2_000  # bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from: `line` from 1 on, and the line as it stood; both None for a file that is one record."""

    source: str
    line: int | None = None
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that was refused, and why."""

    source: str
    line: int | None
    reason: str
    raw: str | None

    @classmethod
    def at(cls, origin: Origin, reason: str) -> "BadRecord":
        return cls(origin.source, origin.line, reason, origin.raw)


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article and where it came from."""

    article: Article
    origin: Origin


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """A JSON object, its fields not yet checked."""

    fields: Mapping[str, Any]
    origin: Origin


def article_records(sources: Iterable[Source]) -> Iterator[ArticleRecord | BadRecord]:
    """Every article of every source, in order, read as it is asked for."""
    for source in sources:
        if source.kind == "txt":
            yield _text_record(source)
            continue
        for record in json_records(source):
            yield record if isinstance(record, BadRecord) else _checked(record)


def json_records(source: Source) -> Iterator[JsonRecord | BadRecord]:
    """The JSON objects of one source: a line each, or for `.json` the file's one object or list of them."""
    try:
        if source.kind == "json":
            yield from _json_file(source)
            return
        for number, line in numbered_lines(source):
            yield _json_line(source.name, number, line)
    except (InputError, OSError) as error:
        yield BadRecord(source.name, None, str(error), None)


def article_from(fields: Mapping[str, Any]) -> Article:
    """The article that a JSON object holds; where it has no `id`, `doc_id` serves, and then a digest of the text.

    Raises InputError naming the field that is missing or of the wrong type.
    """
    text = required_text(fields, "text")
    name = _optional(fields, "id", numbers=True) or _optional(fields, "doc_id", numbers=True)
    return Article(
        id=name or content_id(text),
        text=text,
        title=_optional(fields, "title"),
        date=_optional(fields, "date", numbers=True),
        source=_optional(fields, "source"),
        url=_optional(fields, "url"),
        target=_target(fields.get("target")),
    )


def required_text(fields: Mapping[str, Any], key: str) -> str:
    """The field, with something in it. Raises InputError."""
    value = fields.get(key)
    if value is None:
        raise InputError(f"`{key}` is missing")
    if not isinstance(value, str):
        raise InputError(f"`{key}` must be text, not {_type_name(value)}")
    if not value.strip():
        raise InputError(f"`{key}` is empty")
    return value


def content_id(*texts: str) -> str:
    """16 hex digits that are the same for the same texts."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def row_id(fields: Mapping[str, Any]) -> str | None:
    """The `id` as text. Raises InputError when it is neither text nor a number."""
    return _optional(fields, "id", numbers=True)


def _text_record(source: Source) -> ArticleRecord | BadRecord:
    try:
        text = required_text({"text": whole_text(source)}, "text")
    except (InputError, OSError) as error:
        return BadRecord(source.name, None, str(error), None)
    return ArticleRecord(Article(id=Path(source.name).stem, text=text), Origin(source.name))


def _json_file(source: Source) -> Iterator[JsonRecord | BadRecord]:
    value = parse_json(whole_text(source))
    for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
        origin = Origin(f"{source.name} item {number}" if isinstance(value, list) else source.name)
        yield _object(item, origin)


def _json_line(source: str, number: int, line: bytes) -> JsonRecord | BadRecord:
    overlong = len(line) > MAX_BYTES
    kept = line[:_RAW_OF_OVERLONG] if overlong else line
    origin = Origin(source, number, kept.decode("utf-8", "backslashreplace"))
    if overlong:
        return BadRecord.at(origin, f"a line over {MAX_BYTES // 2**20} MB")
    try:
        return _object(parse_json(decoded(line)), origin)
    except InputError as error:
        return BadRecord.at(origin, str(error))


def _object(value: Any, origin: Origin) -> JsonRecord | BadRecord:
    if isinstance(value, dict):
        return JsonRecord(value, origin)
    return BadRecord.at(origin, f"not a JSON object but {_type_name(value)}")


def _checked(record: JsonRecord) -> ArticleRecord | BadRecord:
    try:
        return ArticleRecord(article_from(record.fields), record.origin)
    except InputError as error:
        return BadRecord.at(record.origin, str(error))


def _optional(fields: Mapping[str, Any], key: str, numbers: bool = False) -> str | None:
    value = fields.get(key)
    if value is None or isinstance(value, str):
        return value
    if numbers and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise InputError(f"`{key}` must be text, not {_type_name(value)}")


def _target(value: Any) -> str | tuple[str, ...] | None:
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) and item.strip() for item in value):
        return tuple(value)
    raise InputError("`target` must be a text that is not empty, or a list of such texts")


def _type_name(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
