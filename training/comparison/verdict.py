"""`better`, `no worse`, `worse` or `can't tell`, and how many labels it would take to tell.

With the 95 % interval of a difference (new minus old) and a margin that a user would not mind losing:

- better: the whole interval is above 0
- no worse: the whole interval is above minus the margin
- worse: the whole interval is below 0, and not all of it within the margin
- can't tell: everything else, and anything on too few statements or articles

Labels to tell: an interval shrinks with the square root of the number of labels. The number given is the one at which a
true difference as large as the one measured would be told in 80 % of the cases, by whichever verdict is nearest:
n · ((1.96 + 0.84) · error / distance)², where the distance is that from the difference to 0, or to minus the margin
(the usual sample-size formula, with the squared standard error of the paired bootstrap for the paired variance over n).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from quotestance.training.comparison.paired import LEAST_ARTICLES, LEAST_STATEMENTS, Difference, enough_to_tell

VerdictName = Literal["better", "no worse", "worse", "can't tell"]
MARGIN = 0.01  # of macro-F1
_POWER = 1.959964 + 0.841621  # two-sided 5 %, and 80 % of the cases
_MOST_TOLD = 1_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """`labels_to_tell` is None where it can be told; `worse_on` names the stances whose own F1 is lower for sure.

    `reason` says why nothing was measured, where that is so.
    """

    name: VerdictName
    difference: Difference
    margin: float
    labels_to_tell: int | None = None
    worse_on: tuple[str, ...] = ()
    reason: str = ""


def verdict(
    difference: Difference,
    statements: int,
    articles: int,
    margin: float = MARGIN,
    per_stance: Mapping[str, Difference] | None = None,
) -> Verdict:
    """What a difference measured on so many statements and articles says; `margin` is 0 or more."""
    enough = enough_to_tell(statements, articles)
    worse_on = tuple(name for name, d in (per_stance or {}).items() if enough and d.high < 0)
    name = _name(difference, margin) if enough else "can't tell"
    needed = labels_to_tell(difference, statements, articles, margin) if name == "can't tell" else None
    return Verdict(name, difference, margin, needed, worse_on)


def labels_to_tell(difference: Difference, statements: int, articles: int, margin: float) -> int:
    """How many labelled statements would be enough, rounded up to two digits."""
    distances = [abs(difference.value), difference.value + margin]
    wide = max((d for d in distances if d > 0), default=0.0)
    needed = statements * (_POWER * difference.error / wide) ** 2 if wide else math.inf
    least = max(LEAST_STATEMENTS, math.ceil(LEAST_ARTICLES * statements / max(1, articles)))
    return _two_digits(min(max(needed, least), _MOST_TOLD))


def overall(verdicts: Sequence[Verdict]) -> VerdictName:
    """One verdict over a model's parts: the least favourable, but `better` where one is better and none is less."""
    names = {v.name for v in verdicts}
    order: tuple[VerdictName, ...] = ("worse", "can't tell", "better", "no worse")
    return next((name for name in order if name in names), "no worse")


def _name(difference: Difference, margin: float) -> VerdictName:
    if difference.low > 0:
        return "better"
    if difference.low >= -margin:
        return "no worse"
    return "worse" if difference.high < 0 else "can't tell"


def _two_digits(number: float) -> int:
    scale: int = 10 ** max(0, math.floor(math.log10(max(1.0, number))) - 1)
    return math.ceil(number / scale) * scale
