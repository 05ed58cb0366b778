"""Files that are there in full or not at all, through crashes and power cuts; and files that know their checksum."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

_HEX = 64  # digits of a SHA-256


def write_durably(path: Path, data: bytes) -> None:
    """Put the bytes in place at once: written beside it, flushed to the disk, renamed. Raises OSError."""
    with durable_output(path) as stream:
        stream.write(data)


@contextmanager
def durable_output(path: Path) -> Iterator[IO[bytes]]:
    """A stream to write to; the file is in place, and on the disk, once the block has ended well."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.filename is None:
            error.filename = str(path)  # a write's error does not say where
        raise
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's list of names, without which a rename may not outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(data: bytes) -> str:
    """The SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def checksum(path: Path) -> str | None:
    """The SHA-256 of a file in hex, None where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def seal(path: Path, header: Mapping[str, Any], payloads: Sequence[bytes] = ()) -> None:
    """Write a header and payloads under one checksum. Raises OSError."""
    lengths = [len(payload) for payload in payloads]
    head = json.dumps({**header, "lengths": lengths}, ensure_ascii=True, sort_keys=True).encode("ascii")
    body = b"\n".join([head, b"".join(payloads)])
    write_durably(path, digest(body).encode("ascii") + b"\n" + body)


def unseal(path: Path) -> tuple[dict[str, Any], list[bytes]] | None:
    """Header and payloads; None where the file is not there, or not as it was written."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    body = data[_HEX + 1 :]
    if digest(body).encode("ascii") != data[:_HEX]:
        return None
    head, _, rest = body.partition(b"\n")
    header: dict[str, Any] = json.loads(head)
    payloads, at = [], 0
    for length in header.pop("lengths"):
        payloads.append(rest[at : at + length])
        at += length
    return header, payloads
