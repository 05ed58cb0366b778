"""API keys: several at once so that they can be rotated, kept as digests and compared in constant time."""

import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from quotestance.model.errors import InputError
from quotestance.service.file_stamp import file_stamp
from quotestance.service.logs import log_event

VARIABLE = "QUOTESTANCE_KEYS"
SHORTEST = 16


class ApiKeys:
    """The keys in force; where there are none, everyone is let in."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._digests = _digests(keys)

    def __len__(self) -> int:
        return len(self._digests)

    def admit(self, headers: Mapping[str, str]) -> bool:
        """Whether `Authorization: Bearer KEY` or `X-API-Key: KEY` holds a key in force."""
        digests = self._digests
        if not digests:
            return True
        scheme, _, value = headers.get("authorization", "").partition(" ")
        given = value.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        digest = hashlib.sha256(given.encode("utf-8", "surrogateescape")).digest()
        # all of them, always: how long it takes must not tell which key was nearly right
        return sum([hmac.compare_digest(digest, known) for known in digests]) > 0


class RotatingKeys(ApiKeys):
    """The keys of the file and the environment, read again where the file has changed. Raises as `load_keys` does."""

    def __init__(self, file: Path | None, environment: Mapping[str, str]) -> None:
        self._file = file
        self._environment = environment
        self._seen = file_stamp(file) if file else None
        super().__init__(_known_keys(file, environment))

    def refresh(self, forced: bool = False) -> None:
        """Take over what the file holds now; where that cannot be used, the old keys stay, which is logged."""
        if self._file is None:
            return
        stamp = file_stamp(self._file)
        if stamp == self._seen and not forced:
            return
        self._seen = stamp
        try:
            self._digests = _digests(_known_keys(self._file, self._environment))
        except InputError as error:
            log_event(logging.ERROR, "keys not read again: the old ones stay", reason=str(error), keys=len(self))
            return
        log_event(logging.INFO, "keys read again", keys=len(self))


def load_keys(file: Path | None, environment: Mapping[str, str]) -> ApiKeys:
    """Keys of the file (one a line, `#` begins a comment line) and of QUOTESTANCE_KEYS (with commas between).

    Raises InputError when the file cannot be read, either holds something but no key, or a key is too short or not
    plain ASCII.
    """
    return RotatingKeys(file, environment)


def _digests(keys: Sequence[str]) -> list[bytes]:
    return [hashlib.sha256(key.encode("ascii")).digest() for key in keys]


def _known_keys(file: Path | None, environment: Mapping[str, str]) -> list[str]:
    given = environment.get(VARIABLE, "")
    keys = [(VARIABLE, key.strip()) for key in given.split(",") if key.strip()]
    if given and not keys:
        # it was meant to be closed
        raise InputError(f"{VARIABLE}: holds no key; leave it empty to let everyone in")
    if file is not None:
        found = _keys_in(file)
        if not found:
            raise InputError(f"{file}: holds no key")
        keys += found
    for place, key in keys:
        if len(key) < SHORTEST or not all("!" <= c <= "~" for c in key):
            raise InputError(f"{place}: a key must have {SHORTEST} or more printable ASCII characters and no space")
    return list(dict.fromkeys(key for _, key in keys))


def _keys_in(file: Path) -> list[tuple[str, str]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{file}: not a text file") from None
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    stripped = ((number, line.strip()) for number, line in enumerate(lines, start=1))
    return [(f"{file}, line {number}", line) for number, line in stripped if line and not line.startswith("#")]
