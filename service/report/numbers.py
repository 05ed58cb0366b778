"""Numbers as people read them, each in an element that also carries its exact value and its place in the findings."""

from datetime import date

from markupsafe import Markup, escape


def count(value: int, key: str) -> Markup:
    """`1,234`"""
    return _data(value, key, f"{value:,}")


def score(value: float | None, key: str) -> Markup:
    """`+0.42`, with a minus sign that is one; `–` where there is none."""
    if value is None:
        return Markup('<span class="none">–</span>')
    rounded = round(value, 4) + 0.0
    return _data(rounded, key, f"{round(value, 2) + 0.0:+.2f}".replace("-", "−").replace("+0.00", "0.00"))


def share(part: int, whole: int, key: str) -> Markup:
    """`34 %`; `–` of nothing."""
    if not whole:
        return Markup('<span class="none">–</span>')
    percent = 100 * part / whole
    text = "<1" if 0 < percent < 1 else ">99" if 99 < percent < 100 else f"{percent:.0f}"
    return _data(round(part / whole, 4), key, f"{text}\N{NO-BREAK SPACE}%")


def day(value: date | None, key: str) -> Markup:
    """`28 June 2021`; `–` where there is none."""
    if value is None:
        return Markup('<span class="none">–</span>')
    text = f"{value.day} {value:%B %Y}"
    return Markup('<time datetime="{}" data-n="{}">{}</time>').format(value.isoformat(), key, text)


def _data(value: float, key: str, text: str) -> Markup:
    return Markup('<data value="{}" data-n="{}">{}</data>').format(value, key, escape(text))
