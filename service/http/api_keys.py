"""API keys: several at once so that they can be rotated, kept as digests and compared in constant time."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from pathlib import Path

from quotestance.model.errors import InputError

VARIABLE = "QUOTESTANCE_KEYS"
SHORTEST = 16


class ApiKeys:
    """The keys in force; where there are none, everyone is let in."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._digests = [hashlib.sha256(key.encode("ascii")).digest() for key in keys]

    def __len__(self) -> int:
        return len(self._digests)

    def admit(self, headers: Mapping[str, str]) -> bool:
        """Whether `Authorization: Bearer KEY` or `X-API-Key: KEY` holds a key in force."""
        if not self._digests:
            return True
        scheme, _, value = headers.get("authorization", "").partition(" ")
        given = value.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        digest = hashlib.sha256(given.encode("utf-8", "surrogateescape")).digest()
        # all of them, always: how long it takes must not tell which key was nearly right
        return sum([hmac.compare_digest(digest, known) for known in self._digests]) > 0


def load_keys(file: Path | None, environment: Mapping[str, str]) -> ApiKeys:
    """Keys of the file (one a line, `#` begins a comment line) and of QUOTESTANCE_KEYS (with commas between).

    Raises InputError when the file cannot be read or holds no key, or a key is too short or not plain ASCII.
    """
    keys = [(VARIABLE, key.strip()) for key in environment.get(VARIABLE, "").split(",") if key.strip()]
    if file is not None:
        found = _keys_in(file)
        if not found:
            raise InputError(f"{file}: holds no key")
        keys += found
    for place, key in keys:
        if len(key) < SHORTEST or not all("!" <= c <= "~" for c in key):
            raise InputError(f"{place}: a key must have {SHORTEST} or more printable ASCII characters and no space")
    return ApiKeys(list(dict.fromkeys(key for _, key in keys)))


def _keys_in(file: Path) -> list[tuple[str, str]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{file}: not a text file") from None
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    stripped = ((number, line.strip()) for number, line in enumerate(lines, start=1))
    return [(f"{file}, line {number}", line) for number, line in stripped if line and not line.startswith("#")]
