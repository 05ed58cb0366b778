"""Skips the dateline that a flattened article carries in front of its first sentence."""

from collections.abc import Sequence

from quotestance.model.tokens import Token

_DATE_REACH = 40  # tokens from the start of the sentence
_AGENCY_REACH = 24
_MONTHS = frozenset(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])


def past_dateline(tokens: Sequence[Token], start: int, end: int) -> int:
    """Where the sentence begins behind "(Agency)", "HARTUM (Agency) —" or "Monday 3 Oct 2016"; else `start`."""
    for at in range(min(end - 1, start + _DATE_REACH), start, -1):
        if at - start < _AGENCY_REACH and _is_agency(tokens, start, at):
            return at + 1
        if at - start > 1 and at + 1 < end and _is_year(tokens, at) and tokens[at + 1].is_word:
            return at + 1
    return start


def _is_agency(tokens: Sequence[Token], start: int, closing: int) -> bool:
    if tokens[closing].text != ")" or not tokens[closing - 1].is_capitalised:
        return False
    for at in range(closing - 1, max(start - 1, closing - 4), -1):
        if tokens[at].text == "(":
            return at == start or tokens[at - 1].text.isupper() or tokens[at - 1].text.isdigit()
    return False


def _is_year(tokens: Sequence[Token], at: int) -> bool:
    year = tokens[at].text
    day_and_month = tokens[at - 2].text.isdigit() and tokens[at - 1].lower[:3] in _MONTHS
    return len(year) == 4 and year.isdigit() and day_and_month
