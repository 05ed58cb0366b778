"""Articles in, one record at a time; what cannot be used becomes a BadRecord and the rest goes on."""

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from quotestance.model.errors import InputError
from quotestance.model.types import Article
from quotestance.service.archive.meter import Meter
from quotestance.service.archive.sources import Source
from quotestance.service.json_text import json_line, parse_json
from quotestance.service.lines import MAX_BYTES, Watch, decoded, numbered_lines, whole_text

RAW_BYTES: Final = 64 * 1024  # of a record that is refused, kept to be looked at; its line says where the whole is
FIELDS: Final = ("id", "text", "title", "date", "source", "url", "target")

# which column or JSON field holds one of ours: {"text": "body", "id": "meta.url"}
FieldMap = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from: `line` (of Parquet and Arrow the row) from 1 on, None for a file that is one record.

    `item` counts the objects of a list, which have no line. `raw` is the record as it stood, its first RAW_BYTES;
    `raw_bytes` how long it was in all.
    """

    source: str
    line: int | None = None
    raw: bytes | None = None
    raw_bytes: int = 0
    item: int | None = None

    @classmethod
    def of(cls, source: str, line: int | None, raw: bytes, item: int | None = None) -> "Origin":
        return cls(source, line, raw[:RAW_BYTES], len(raw), item)

    @property
    def named_source(self) -> str:
        """The source, and of a list which item."""
        return self.source if self.item is None else f"{self.source} item {self.item}"

    @property
    def place(self) -> str:
        """Source, item and line, for people."""
        return self.named_source if self.line is None else f"{self.named_source}, line {self.line}"


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that was refused, and why. `repeat` marks one whose like has been scored: nothing is lost by it."""

    origin: Origin
    reason: str
    repeat: bool = False

    @property
    def place(self) -> str:
        """Source and line, for people."""
        return self.origin.place

    def json(self) -> bytes:
        """A line for the quarantine; with `raw_base64` where the record is not UTF-8, `cut` where it is not whole."""
        origin, raw = self.origin, self.origin.raw
        shown: dict[str, Any] = {"source": origin.named_source, "line": origin.line, "reason": self.reason, "raw": None}
        if raw is not None:
            cut = origin.raw_bytes > len(raw)
            if cut:
                shown["cut"] = f"the first {len(raw):,} of {origin.raw_bytes:,} bytes"
            shown["raw"] = raw.decode("utf-8", "ignore" if cut and _only_end_is_bad(raw) else "backslashreplace")
            if not _is_utf8(raw, cut):
                shown["raw_base64"] = base64.b64encode(raw).decode("ascii")
        return json_line(shown)


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article and where it came from. `named` is false where its id is a file's name or a digest, not its own."""

    article: Article
    origin: Origin
    named: bool = True


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """A JSON object or a table's row, its fields not yet checked."""

    fields: Mapping[str, Any]
    origin: Origin


def article_records(
    sources: Iterable[Source], fields: FieldMap | None = None, meter: Meter | None = None
) -> Iterator[ArticleRecord | BadRecord]:
    """Every article of every source, in order, read as it is asked for."""
    for source in sources:
        if meter:
            meter.begin(source)
        if source.kind == "txt":
            yield _text_record(source)
            continue
        for record in source_records(source, fields, meter):
            yield record if isinstance(record, BadRecord) else _checked(record, fields or {})


def json_records(source: Source, watch: Watch | None = None) -> Iterator[JsonRecord | BadRecord]:
    """The JSON objects of one source: a line each, or for `.json` the file's one object or list of them."""
    try:
        if source.kind == "json":
            yield from _json_file(source)
            return
        for number, line in numbered_lines(source, watch):
            yield _json_line(source.name, number, line)
    except (InputError, OSError) as error:
        yield bad_source(source, error)


def bad_source(source: Source, error: Exception) -> BadRecord:
    """A file that could not be read, or not to its end."""
    return BadRecord(Origin(source.name), str(error))


def article_from(fields: Mapping[str, Any], names: FieldMap | None = None) -> Article:
    """The article that a JSON object holds; where it has no `id`, `doc_id` serves, and then a digest of the text.

    `names` says what our fields are called there, where it is not the same.
    Raises InputError naming the field that is missing or of the wrong type.
    """
    called = {field: (names or {}).get(field, field) for field in FIELDS}
    text = required_text(fields, called["text"])
    title = _optional(fields, called["title"])
    name = _optional(fields, called["id"], numbers=True) or _optional(fields, "doc_id", numbers=True)
    return Article(
        id=name or content_id(text),
        text=text,
        title=title,
        date=_optional(fields, called["date"], numbers=True),
        source=_optional(fields, called["source"]),
        url=_optional(fields, called["url"]),
        target=_target(_at(fields, called["target"])),
    )


def required_text(fields: Mapping[str, Any], key: str) -> str:
    """The field, with something in it. Raises InputError."""
    value = _at(fields, key)
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


def source_records(
    source: Source, fields: FieldMap | None = None, meter: Meter | None = None
) -> Iterator[JsonRecord | BadRecord]:
    """The JSON objects or table rows of one source that is not plain text, unchecked."""
    watch = meter.watch if meter else None
    if source.kind in ("jsonl", "json"):
        return json_records(source, watch)
    from quotestance.service.archive import tables  # pyarrow takes a while to import

    return tables.table_records(source, fields or {}, meter)


def _text_record(source: Source) -> ArticleRecord | BadRecord:
    try:
        text = required_text({"text": whole_text(source)}, "text")
    except (InputError, OSError) as error:
        return BadRecord(_file_origin(source), str(error))
    return ArticleRecord(Article(id=_file_id(source), text=text), Origin(source.name), named=False)


def _file_origin(source: Source) -> Origin:
    try:
        with Path(source.name).open("rb") as file:
            return Origin(source.name, None, file.read(RAW_BYTES), source.size)
    except OSError:
        return Origin(source.name)


def _file_id(source: Source) -> str:
    """The file's name without its ending, after the folders between it and the one that was named."""
    path = Path(source.name)
    inner = path.relative_to(source.folder).parent if source.folder else Path()
    stem = path.with_suffix("") if source.compression else path
    return (inner / stem.stem).as_posix()


def _json_file(source: Source) -> Iterator[JsonRecord | BadRecord]:
    text = whole_text(source)
    value = parse_json(text)
    if not isinstance(value, list):
        yield _object(value, Origin.of(source.name, None, text.encode("utf-8", "surrogatepass")))
        return
    for number, item in enumerate(value, start=1):
        yield _object(item, Origin.of(source.name, None, _as_json(item), number))


def _as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _json_line(source: str, number: int, line: bytes) -> JsonRecord | BadRecord:
    origin = Origin.of(source, number, line)
    if len(line) > MAX_BYTES:
        return BadRecord(origin, f"a line over {MAX_BYTES // 2**20} MB")
    try:
        return _object(parse_json(decoded(line)), origin)
    except InputError as error:
        return BadRecord(origin, str(error))


def _object(value: Any, origin: Origin) -> JsonRecord | BadRecord:
    if isinstance(value, dict):
        return JsonRecord(value, origin)
    return BadRecord(origin, f"not a JSON object but {_type_name(value)}")


def _checked(record: JsonRecord, names: FieldMap) -> ArticleRecord | BadRecord:
    try:
        article = article_from(record.fields, names)
    except InputError as error:
        return BadRecord(record.origin, str(error))
    return ArticleRecord(article, record.origin, named=article.id != content_id(article.text))


def _at(fields: Mapping[str, Any], key: str) -> Any:
    """The field of that name, or for `a.b` the field b within a."""
    if key in fields or "." not in key:
        return fields.get(key)
    value: Any = fields
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _optional(fields: Mapping[str, Any], key: str, numbers: bool = False) -> str | None:
    value = _at(fields, key)
    if value is None or isinstance(value, str):
        return value
    if numbers and isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise InputError(f"`{key}` is {value}, no number")
        return str(value)
    raise InputError(f"`{key}` must be text, not {_type_name(value)}")


def _target(value: Any) -> str | tuple[str, ...] | None:
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) and item.strip() for item in value):
        return tuple(value)
    raise InputError("`target` must be a text that is not empty, or a list of such texts")


def _type_name(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null", bytes: "bytes"}
    return names.get(type(value), "a number")


def _is_utf8(raw: bytes, cut: bool) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return cut and error.start >= len(raw) - 3  # only the last character was cut through
    return True


def _only_end_is_bad(raw: bytes) -> bool:
    return _is_utf8(raw, cut=True)
