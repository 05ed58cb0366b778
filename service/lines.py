"""Bytes from files: numbered lines of plain or compressed files, and whole text files, both with limits."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import IO

from quotestance.model.errors import InputError
from quotestance.service.archive.sources import Source

MAX_BYTES = 64 * 2**20  # a line or a text file; far over any article, well under a machine's memory
_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")


def open_bytes(source: Source) -> AbstractContextManager[IO[bytes] | gzip.GzipFile]:
    """The source's bytes, decompressed; standard input is left open afterwards."""
    if source.path is None:
        return nullcontext(sys.stdin.buffer)
    if source.kind == "jsonl.gz":
        return gzip.open(source.path, "rb")
    return source.path.open("rb")


def numbered_lines(source: Source) -> Iterator[tuple[int, bytes]]:
    """Lines from 1 on, without their ends and a byte-order mark; blank ones are left out, an overlong one is cut.

    Raises InputError when the file is binary, or when it breaks off (what came before has been given by then).
    """
    number = 0
    try:
        with open_bytes(source) as stream:
            while line := stream.readline(MAX_BYTES + 1):
                number += 1
                if number == 1:
                    _refuse_binary(line)
                    line = line.removeprefix(_BOM)
                if len(line) > MAX_BYTES:
                    _skip_to_line_end(stream, line)
                if line.strip():
                    yield number, line.rstrip(b"\r\n")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"the compressed file is damaged or cut short after line {number}: {error}") from None


def whole_text(source: Source) -> str:
    """The file as text, without a byte-order mark and otherwise exactly as it is. Raises InputError."""
    with open_bytes(source) as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError(f"over {MAX_BYTES // 2**20} MB")
    if b"\0" in data:
        raise InputError("a binary file, not UTF-8 text")
    return decoded(data.removeprefix(_BOM))


def decoded(data: bytes) -> str:
    """The bytes as text. Raises InputError naming the first byte that is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text: byte 0x{data[error.start]:02x} at offset {error.start}") from None


def _refuse_binary(first: bytes) -> None:
    # one stray NUL in a record is that record's affair; a file that does not even begin like JSON is another thing
    if first.startswith(_WIDE_BOMS):
        raise InputError("UTF-16, not UTF-8 text")
    head = first.removeprefix(_BOM).lstrip()
    if not head.startswith((b"{", b"[")) and (b"\0" in head or not _is_utf8(head)):
        raise InputError("a binary file, not JSON lines")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _skip_to_line_end(stream: IO[bytes] | gzip.GzipFile, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(MAX_BYTES)
