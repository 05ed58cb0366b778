"""`--max-bad`: how many records may be lost before a run is stopped, since something is wrong with its input."""

from dataclasses import dataclass
from typing import Final

from quotestance.model.errors import InputError, QuotestanceError
from quotestance.service.archive.pieces import Counts

_LEAST_RECORDS: Final = 1_000  # before which a share says nothing


class TooManyBadError(QuotestanceError):
    """The run is stopped; what was done stays."""


@dataclass(frozen=True, slots=True)
class BadLimit:
    """`number` of records, or a `share` of them, 0 … 1. Repeats do not count: their like has been scored."""

    number: int | None = None
    share: float | None = None

    @classmethod
    def parse(cls, text: str | None) -> "BadLimit":
        """From `100` or `5%`. Raises InputError."""
        try:
            if text is None:
                return cls()
            if text.endswith("%"):
                share = float(text.removesuffix("%")) / 100
                if 0 <= share <= 1:
                    return cls(share=share)
            elif int(text) >= 0:
                return cls(number=int(text))
        except ValueError:
            pass
        raise InputError(f"--max-bad {text}: give a number of records, or a share such as 5%")

    def check(self, counts: Counts, where: str, at_end: bool = False) -> None:
        """Raises TooManyBadError where there are more; `where` says where they can be seen."""
        too_many = self.number is not None and counts.bad > self.number
        if self.share is not None and (at_end or counts.records >= _LEAST_RECORDS):
            too_many = too_many or counts.bad > self.share * counts.records
        if too_many:
            raise TooManyBadError(
                f"stopped: {counts.bad:,} of {counts.records:,} records are bad, over --max-bad; see {where}"
            )
