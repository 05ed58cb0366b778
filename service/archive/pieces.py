"""The archive cut up: shards of the output, and within each the pieces that a worker reads at a time.

Where a record falls depends on the input's order alone, and a piece is scored by itself, so that a run that was stopped
and goes on forms the same batches and writes the same bytes as one that was not.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final, Protocol

from quotestance.model.errors import InputError
from quotestance.service.archive.language import LanguageChoice
from quotestance.service.archive.meter import Meter
from quotestance.service.archive.records import ArticleRecord, BadRecord, FieldMap, article_records, content_id
from quotestance.service.archive.repeats import SeenIds
from quotestance.service.archive.sources import Source
from quotestance.service.archive.usable_text import why_unusable

Format = str  # one of FORMATS
FORMATS: Final = ("parquet", "jsonl", "jsonl.gz", "jsonl.zst")
PIECE_CHARACTERS: Final = 4_000_000  # so that a piece of book-length articles still fits in memory
WHOLE_SHARD: Final = -1  # as a piece's number: it stands for a shard that is on disk already
_IDS: Final = "ids.sqlite"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of so many records. `refused` holds `repeats`; `other_language` are listed, not scored."""

    records: int = 0
    articles: int = 0
    statements: int = 0
    other_language: int = 0
    refused: int = 0
    repeats: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))

    @property
    def bad(self) -> int:
        """Records that are lost to the result."""
        return self.refused - self.repeats


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done to every article, wherever it is done."""

    targets: tuple[str, ...] = ()
    language: LanguageChoice = "en"
    format: Format = "jsonl"


@dataclass(frozen=True, slots=True)
class Piece:
    """Records that are scored together. `input` is a digest of them; `share` how much of the input ends here, 0 … 1.

    `stored` holds the counts of a piece, or of a whole shard, that an earlier run has finished: no records then.
    """

    shard: int
    number: int
    last: bool
    records: tuple[ArticleRecord | BadRecord, ...]
    input: str
    share: float | None = None
    stored: Counts | None = None


@dataclass(frozen=True, slots=True)
class PieceResult:
    """A piece, scored: `payloads` as the format has them, `quarantine` lines of JSON. `stored`: on disk already."""

    shard: int
    number: int
    last: bool
    share: float | None
    input: str
    counts: Counts
    payloads: tuple[bytes, ...] = ()
    quarantine: bytes = b""
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """What is known of a finished piece or shard: its counts and the digest of the records it was made from."""

    counts: Counts
    input: str


class Stored(Protocol):
    """What an earlier run has left; each look verifies the checksums of what it finds."""

    def shard(self, shard: int) -> Finished | None: ...

    def piece(self, shard: int, number: int) -> Finished | None: ...


@dataclass(frozen=True, slots=True)
class Cut:
    """Records in a shard, and in a piece."""

    shard: int = 1_000
    piece: int = 32


@dataclass(frozen=True, slots=True)
class Work:
    """All that is to be read, and how; can be sent to another process. `folder` takes the list of ids, if given."""

    sources: tuple[Source, ...]
    fields: FieldMap
    recipe: Recipe
    cut: Cut
    folder: Path | None = None

    def pieces(self, stored: Stored | None = None) -> Iterator[Piece]:
        """Every piece, in order; those that `stored` knows without their records. Read as they are asked for.

        Raises InputError where what was stored came from other records, and OSError where the disk is full.
        """
        meter = Meter(self.sources)
        with _folder_for_ids(self.folder) as folder, SeenIds(folder / _IDS) as seen:
            records = _without_repeats(article_records(self.sources, self.fields, meter), seen)
            for shard in _shards(records, self.cut, meter):
                yield from _skipping(shard, stored)


def result_of_stored(piece: Piece) -> PieceResult:
    """What a piece that is on disk already amounts to."""
    counts = piece.stored or Counts()
    return PieceResult(piece.shard, piece.number, piece.last, piece.share, piece.input, counts, stored=True)


def input_digest(digests: list[str]) -> str:
    """The digest of a shard, from those of its pieces."""
    return hashlib.sha256("\n".join(digests).encode("ascii")).hexdigest()


@contextmanager
def _folder_for_ids(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="quotestance-") as scratch:
        yield Path(scratch)


def _without_repeats(
    records: Iterator[ArticleRecord | BadRecord], seen: SeenIds
) -> Iterator[ArticleRecord | BadRecord]:
    for record in records:
        if isinstance(record, BadRecord):
            yield record
            continue
        reason = why_unusable(record.article.text)
        yield BadRecord(record.origin, reason) if reason else _first_of_its_id(record, seen)


def _first_of_its_id(record: ArticleRecord, seen: SeenIds) -> ArticleRecord | BadRecord:
    article, origin = record.article, record.origin
    content = f"{article.title}\0{article.text}\0{article.target}"
    earlier = seen.add(article.id, content, origin)
    if earlier is None:
        return record
    if earlier.same:
        return BadRecord(origin, f"a repeat: {earlier} has the id {article.id!r} and the same content", repeat=True)
    if not record.named:  # two files of one name, or one text under two headlines: neither may be lost
        renamed = replace(article, id=f"{article.id}-{content_id(content)[:8]}")
        return _first_of_its_id(ArticleRecord(renamed, origin), seen)
    return BadRecord(origin, f"another article has the same id {article.id!r}: {earlier}")


def _shards(records: Iterator[ArticleRecord | BadRecord], cut: Cut, meter: Meter) -> Iterator[Iterator[Piece]]:
    """Shards, each to be read to its end before the next."""
    ahead = next(records, None)
    shard = 0

    def pieces() -> Iterator[Piece]:
        nonlocal ahead
        left, number = cut.shard, 0
        while left and ahead is not None:
            piece: list[ArticleRecord | BadRecord] = []
            characters = 0
            while ahead is not None and len(piece) < min(cut.piece, left) and characters < PIECE_CHARACTERS:
                piece.append(ahead)
                characters += len(ahead.article.text) if isinstance(ahead, ArticleRecord) else 0
                ahead = next(records, None)
            left -= len(piece)
            last = not left or ahead is None
            yield Piece(shard, number, last, tuple(piece), _digest(piece), meter.share)
            number += 1

    while ahead is not None:
        yield pieces()
        shard += 1


def _skipping(pieces: Iterator[Piece], stored: Stored | None) -> Iterator[Piece]:
    """The pieces of a shard, or where the shard is finished one that stands for all of them."""
    if stored is None:
        yield from pieces
        return
    first = next(pieces)
    shard = stored.shard(first.shard)
    if shard is not None:
        digests, last = [first.input], first
        for last in pieces:
            digests.append(last.input)
        digest = input_digest(digests)
        _check_same(shard, digest, last)
        yield replace(last, number=WHOLE_SHARD, last=True, records=(), input=digest, stored=shard.counts)
        return
    piece: Piece | None = first
    while piece is not None:
        finished = stored.piece(piece.shard, piece.number)
        if finished is None:
            yield piece
        else:
            _check_same(finished, piece.input, piece)
            yield replace(piece, records=(), stored=finished.counts)
        piece = next(pieces, None)


def _check_same(finished: Finished, digest: str, piece: Piece) -> None:
    if finished.input != digest:
        raise InputError(
            f"the input is not what it was when this output was begun (before {piece.records[-1].origin.place}): "
            "give the same files, or --overwrite to start anew"
        )


def _digest(records: list[ArticleRecord | BadRecord]) -> str:
    hashed = hashlib.sha256()
    for record in records:
        origin = record.origin
        parts: list[object] = [origin.named_source, origin.line]
        if isinstance(record, BadRecord):
            parts += [record.reason, origin.raw]
        else:
            article = record.article
            parts += [article.id, article.title, article.date, article.source, article.url, article.target]
            hashed.update(article.text.encode("utf-8", "surrogatepass"))
        hashed.update(repr(parts).encode("utf-8", "surrogatepass"))
    return hashed.hexdigest()
