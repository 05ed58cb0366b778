"""Bytes from files: numbered lines of plain or compressed files, and whole text files, both with limits."""

import gzip
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import zstandard

from quotestance.model.errors import InputError
from quotestance.service.archive.sources import Source

MAX_BYTES = 64 * 2**20  # a line or a text file; far over any article, well under a machine's memory
DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)  # what reading a compressed file raises
_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
_COMPRESSED = {b"\x1f\x8b": ".gz", b"\x28\xb5\x2f\xfd": ".zst"}
_BLOCK = 128 * 1024

Watch = Callable[[IO[bytes]], None]


@contextmanager
def open_bytes(source: Source, watch: Watch | None = None) -> Iterator[IO[bytes]]:
    """The source's bytes, decompressed; standard input is left open afterwards.

    `watch` is given the file itself, whose position says how much of it has been read.
    """
    if source.path is None:
        with _standard_input() as stdin:
            yield stdin
        return
    with source.path.open("rb") as file:
        if watch:
            watch(file)
        if source.compression == "gz":
            with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
                yield unpacked  # type: ignore[misc]  # an IO[bytes] in all but name
        elif source.compression == "zst":
            yield io.BufferedReader(_Unpacked(file), _BLOCK)
        else:
            yield file


def numbered_lines(source: Source, watch: Watch | None = None) -> Iterator[tuple[int, bytes]]:
    """Lines from 1 on, without their ends and byte-order marks; blank ones are left out, an overlong one is cut.

    Raises InputError when the file is binary, or when it breaks off (what came before has been given by then).
    """
    number = 0
    try:
        with open_bytes(source, watch) as stream:
            while line := stream.readline(MAX_BYTES + 1):
                number += 1
                if number == 1:
                    _refuse_binary(line)
                line = line.removeprefix(_BOM)  # not in the first line alone: files are joined with cat
                if len(line) > MAX_BYTES:
                    _skip_to_line_end(stream, line)
                if line.strip():
                    yield number, line.rstrip(b"\r\n")
    except DAMAGE as error:
        raise InputError(damage_after(number, error)) from None


def damage_after(line: int, error: BaseException) -> str:
    """What is wrong with a compressed file of which so many lines could be read."""
    return f"the compressed file is damaged or cut short after line {line}: {error}"


def whole_text(source: Source) -> str:
    """The file as text, without a byte-order mark and otherwise exactly as it is. Raises InputError."""
    try:
        with open_bytes(source) as stream:
            data = stream.read(MAX_BYTES + 1)
    except DAMAGE as error:
        raise InputError(f"the compressed file is damaged or cut short: {error}") from None
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
        raise InputError(
            f"not UTF-8 text: byte 0x{data[error.start]:02x} at offset {error.start}; save it as UTF-8"
        ) from None


@contextmanager
def _standard_input() -> Iterator[IO[bytes]]:
    try:
        # under a descriptor of its own: a thread that waits for input must not hold what the interpreter closes last
        descriptor = os.dup(sys.stdin.fileno())
    except (OSError, ValueError):
        yield sys.stdin.buffer
        return
    with os.fdopen(descriptor, "rb") as stdin:
        yield stdin


class _Unpacked(io.RawIOBase):
    """A .zst file's bytes, through all of its frames; zstandard's own reader is silent about one that is cut short."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._frame: Any = None
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            if not self._fill():
                return 0
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _fill(self) -> bool:
        rest = b""
        if self._frame is not None and self._frame.eof:
            rest, self._frame = self._frame.unused_data, None
        data = rest or self._file.read(_BLOCK)
        if not data:
            if self._frame is not None:
                raise EOFError("the last frame has no end")
            return False
        if self._frame is None:
            self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._ready = memoryview(self._frame.decompress(data))
        return True


def _refuse_binary(first: bytes) -> None:
    # one stray NUL in a record is that record's affair; a file that does not even begin like JSON is another thing
    wide = b"\0" in first[:2] and first.lstrip(b"\0").startswith((b"{", b"["))
    if wide or first.startswith(_WIDE_BOMS):
        raise InputError("UTF-16 or UTF-32, not UTF-8 text; save it as UTF-8")
    for magic, ending in _COMPRESSED.items():
        if first.startswith(magic):
            raise InputError(f"compressed, but its name does not end in {ending}; rename it")
    head = first.removeprefix(_BOM).lstrip()
    if not head.startswith((b"{", b"[")) and (b"\0" in head or not _is_utf8(head)):
        raise InputError("a binary file, not JSON lines")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _skip_to_line_end(stream: IO[bytes], line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(MAX_BYTES)
