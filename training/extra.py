"""The libraries of the `train` extra, asked for in one line where they are missing."""

from importlib import import_module
from typing import Any

from quotestance.model.errors import InputError


def extra(module: str) -> Any:
    """The module. Raises InputError when it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "quotestance":
            raise
        raise InputError(
            f"this needs {error.name}, which is not installed: pip install 'quotestance[train]'"
        ) from error
