"""The part of a label line that training would take."""

from collections.abc import Mapping
from typing import Any

from quotestance.model.errors import LabelError
from quotestance.training.labels import article_of


def usable(row: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The line without the statements that `article_of` refuses, and why they are refused.

    Raises LabelError when the line as a whole is refused, or nothing that was labelled in it is left.
    """
    _, problems = article_of(row)
    if not problems:
        return dict(row), []
    refused = {problem.number for problem in problems}
    kept = [item for number, item in enumerate(row["statements"], 1) if number not in refused]
    reasons = [str(problem) for problem in problems]
    if not kept:
        raise LabelError("; ".join(reasons))
    return {**row, "statements": kept}, reasons
