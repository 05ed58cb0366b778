"""The service's settings: defaults, then the environment, then flags, in one frozen dataclass."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from quotestance.model.errors import InputError
from quotestance.service.engine.engine import EngineLimits

PREFIX = "QUOTESTANCE_"
_MAY_BE_ZERO = ("port", "linger_ms", "threads")


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Every field `x_y` is the variable QUOTESTANCE_X_Y and the flag --x-y. API keys are no setting: never shown."""

    model: Path | None = None  # a trained model; None is the one that ships
    host: str = "127.0.0.1"
    port: int = 8000  # 0: any free one
    keys_file: Path | None = None
    threads: int = 0  # of the worker's arithmetic; 0 leaves it to torch
    queue_items: int = 256
    queue_tokens: int = 200_000
    batch_tokens: int = 6_144
    linger_ms: float = 4.0  # how long a batch waits to fill
    max_body_bytes: int = 8 * 2**20
    max_items: int = 64  # articles or inputs in one request
    max_characters: int = 300_000  # of one article or input
    max_targets: int = 8  # of one article: each costs as much as scoring it anew
    deadline_seconds: float = 60.0  # for a whole request, from its first byte on
    drain_seconds: float = 30.0  # to finish what was accepted, once asked to stop
    feedback: str = ""  # a path or a database URL; "" is a file in the user's state folder, "off" is none
    stall_seconds: float = 300.0  # one batch may take this long before the service calls itself not ready

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


def serve_settings(environment: Mapping[str, str], flags: Mapping[str, Any]) -> ServeSettings:
    """The settings in force; a flag that is None was not given.

    Raises InputError naming the variable or flag whose value cannot be used.
    """
    values: dict[str, Any] = {}
    for field in fields(ServeSettings):
        variable = PREFIX + field.name.upper()
        place = f"--{field.name.replace('_', '-')}"
        value = flags.get(field.name)
        if value is None and environment.get(variable):
            place, value = variable, _parsed(variable, environment[variable], field.default)
        if value is not None:
            _check(place, field.name, value)
            values[field.name] = value
    settings = ServeSettings(**values)
    if settings.max_items > settings.queue_items:
        raise InputError(f"a request of {settings.max_items} items never fits a queue of {settings.queue_items}")
    return settings


def _parsed(variable: str, text: str, default: object) -> str | int | float | Path:
    if default is None:
        return Path(text)
    if isinstance(default, str):
        return text
    try:
        return int(text) if isinstance(default, int) else float(text)
    except ValueError:
        raise InputError(f"{variable}: not a number: {text!r}") from None


def _check(place: str, name: str, value: object) -> None:
    if not isinstance(value, int | float):
        return
    least = 0 if name in _MAY_BE_ZERO else 1 if isinstance(value, int) else 0.001
    if not (math.isfinite(value) and value >= least):
        raise InputError(f"{place}: must be {least} or more")
    if name == "port" and value > 65_535:
        raise InputError(f"{place}: must be 65535 or less")
