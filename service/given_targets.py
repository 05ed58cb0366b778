"""The targets given on a command line, checked before anything is read."""

from collections.abc import Iterable

from quotestance.model.errors import InputError


def check_targets(targets: Iterable[str]) -> None:
    """Raises InputError where one is empty."""
    if any(not target.strip() for target in targets):
        raise InputError("--target is empty: say what the stances are about, or leave it out to have it found")
