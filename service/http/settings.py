"""The service's settings: defaults, then a file, then the environment, then flags, in one frozen dataclass."""

import math
import re
import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from quotestance.model.errors import InputError
from quotestance.service.engine.engine import EngineLimits
from quotestance.service.http.settings_file import read_settings_file

PREFIX = "QUOTESTANCE_"
CONFIG = "QUOTESTANCE_CONFIG"
_MAY_BE_ZERO = ("port", "linger_ms", "threads")
_PASSWORD = re.compile(r"(?<=://)([^/@:\s]*):[^/@\s]*(?=@)")


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Every field `x_y` is `x_y` in the file, the variable QUOTESTANCE_X_Y and the flag --x-y.

    API keys are no setting: never shown.
    """

    model: Path | None = None  # a trained model, or a folder of versions; None is the one that ships
    host: str = "127.0.0.1"
    port: int = 8000  # 0: any free one
    keys_file: Path | None = None
    threads: int = 0  # of the model's arithmetic, shared out among the workers; 0 is as many as there are cores
    queue_items: int = 256
    queue_tokens: int = 200_000
    batch_tokens: int = 6_144
    linger_ms: float = 4.0  # how long a batch waits to fill, where several ask at once
    max_body_bytes: int = 8 * 2**20
    receiving_bytes: int = 64 * 2**20  # of all bodies that are being received and parsed
    max_items: int = 64  # articles or inputs in one request
    max_characters: int = 300_000  # of one article or input
    max_targets: int = 8  # of one article: each costs as much as scoring it anew
    max_connections: int = 1024
    header_seconds: float = 10.0  # for a request's head to come
    body_seconds: float = 30.0  # for its body
    keep_alive_seconds: float = 30.0  # an idle connection is kept this long
    deadline_seconds: float = 60.0  # for a whole request, from its first byte on
    drain_seconds: float = 30.0  # to finish what was accepted, once asked to stop
    feedback: str = ""  # a path or a database URL; "" is a file in the user's state folder, "off" is none
    stall_seconds: float = 300.0  # one batch may take this long before the service calls itself not ready
    poll_seconds: float = 2.0  # how often the versions' pointer and the keys' file are looked at

    @property
    def engine_limits(self) -> EngineLimits:
        return EngineLimits(
            queue_items=self.queue_items,
            queue_tokens=self.queue_tokens,
            batch_tokens=self.batch_tokens,
            linger=self.linger_ms / 1000,
            stall=self.stall_seconds,
        )

    @property
    def is_loopback(self) -> bool:
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def shown(self) -> dict[str, Any]:
        """All of them, for the log; the password of an address is masked."""
        return {name: _PASSWORD.sub(r"\1:***", v) if isinstance(v, str) else v for name, v in asdict(self).items()}


def serve_settings(
    environment: Mapping[str, str], flags: Mapping[str, Any], config: Path | None = None
) -> ServeSettings:
    """The settings in force; a flag that is None was not given. `config` is the file, else QUOTESTANCE_CONFIG's.

    Raises InputError naming the file's key, the variable or the flag whose value cannot be used.
    """
    kinds = get_type_hints(ServeSettings)
    file = config or config_of(environment)
    told = read_settings_file(file, kinds) if file else {}
    values: dict[str, Any] = {}
    for field in fields(ServeSettings):
        name, variable = field.name, PREFIX + field.name.upper()
        if flags.get(name) is not None:
            place, value = f"--{name.replace('_', '-')}", flags[name]
        elif environment.get(variable):
            place, value = variable, _parsed(variable, environment[variable], kinds[name])
        elif name in told:
            place, value = f"{file}: `{name}`", told[name]
        else:
            continue
        _check(place, name, value)
        values[name] = value
    settings = ServeSettings(**values)
    if settings.max_items > settings.queue_items:
        raise InputError(f"a request of {settings.max_items} items never fits a queue of {settings.queue_items}")
    if settings.max_body_bytes > settings.receiving_bytes:
        raise InputError(
            f"a body of max_body_bytes ({settings.max_body_bytes:,}) is never received where all together may have "
            f"receiving_bytes ({settings.receiving_bytes:,})"
        )
    return settings


def config_of(environment: Mapping[str, str]) -> Path | None:
    """The settings file that the environment names."""
    return Path(environment[CONFIG]) if environment.get(CONFIG) else None


def _parsed(variable: str, text: str, kind: Any) -> str | int | float | Path:
    wanted = next(k for k in (get_args(kind) if isinstance(kind, types.UnionType) else (kind,)) if k is not None)
    try:
        parsed: str | int | float | Path = wanted(text)
    except ValueError:
        raise InputError(f"{variable}: not a number: {text!r}") from None
    return parsed


def _check(place: str, name: str, value: object) -> None:
    if not isinstance(value, int | float):
        return
    least = 0 if name in _MAY_BE_ZERO else 1 if isinstance(value, int) else 0.001
    if not (math.isfinite(value) and value >= least):
        raise InputError(f"{place}: must be {least} or more")
    if name == "port" and value > 65_535:
        raise InputError(f"{place}: must be 65535 or less")
