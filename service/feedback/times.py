"""Times as people and programs write them."""

from datetime import UTC, datetime

from quotestance.model.errors import InputError


def parsed_time(text: str) -> datetime:
    """An ISO 8601 date or time as UTC; without a zone it is taken for UTC. Raises InputError."""
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        # in a URL, a + that is not written %2B arrives as a space
        raise InputError("not a time such as 2026-03-01, 2026-03-01T08:15:00Z or 2026-03-01T08:15:00%2B02:00") from None


def iso_time(time: datetime) -> str:
    """A UTC time as in `2026-03-01T08:15:30.250Z`."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
