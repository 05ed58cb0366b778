"""The comparison's picture: differences with their intervals, as a PNG, and as SVG for the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from markupsafe import Markup

mpl.use("Agg")
import matplotlib.pyplot as plt

LEAST_IN_CHART = 10  # statements of a slice: the intervals of fewer only widen the picture
_ROW, _LEFT, _RIGHT, _TOP = 24, 300, 470, 30
_WIDTH = _LEFT + _RIGHT + 30


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the picture, in points: a difference, its interval, and how many statements it rests on."""

    label: str
    value: float
    low: float
    high: float

    @property
    def leaning(self) -> str:
        """`up`, `down`, or `open` where the interval holds 0."""
        return "up" if self.low > 0 else "down" if self.high < 0 else "open"


def bars_of(figures: dict[str, Any]) -> list[Bar]:
    """All statements, each stance, the reader where it was compared, and the slices that are large enough."""
    rows = [_bar(f"all: macro-F1 ({figures['statements']})", figures["difference"])]
    rows += [_bar(f"{s}: F1 ({r['statements']})", r["difference"]) for s, r in figures["per_stance"].items()]
    if figures["reader"]:
        reader = figures["reader"]
        rows.append(_bar(f"reader: found, actor right ({reader['statements']})", reader["difference"]))
    rows += [
        _bar(f"{r['slice']} {r['value']}: accuracy ({r['statements']})", r["accuracy_difference"])
        for r in figures["slices"]
        if r["statements"] >= LEAST_IN_CHART
    ]
    return rows


def draw(bars: Sequence[Bar], path: Path) -> None:
    """The bars as a PNG."""
    colours = {"up": "tab:green", "down": "tab:red", "open": "tab:grey"}
    figure, axes = plt.subplots(figsize=(9, 1 + 0.32 * len(bars)))
    for place, bar in enumerate(bars):
        axes.plot([bar.low, bar.high], [place, place], color=colours[bar.leaning], linewidth=2)
        axes.plot(bar.value, place, "o", color=colours[bar.leaning])
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(bars)), [_plain(b.label) for b in bars])
    axes.invert_yaxis()
    axes.set(xlabel="new minus old, in points, with 95 % intervals by article")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def svg(bars: Sequence[Bar]) -> Markup:
    """The same as inline SVG; colours come from the page's style sheet, by class."""
    reach = max(1.0, *(max(abs(b.low), abs(b.high)) for b in bars))
    height = _TOP + _ROW * len(bars) + 30

    def x(points: float) -> str:
        return f"{_LEFT + _RIGHT * (points + reach) / (2 * reach):.1f}"

    parts = [
        Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="Differences with their intervals">').format(
            _WIDTH, height
        ),
        Markup('<line class="zero" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(x(0), _TOP - 10, height - 24),
    ]
    tick_mark = Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>')
    parts += [tick_mark.format(x(t), height - 6, f"{t:+.0f}" if t else "0") for t in (-reach, 0.0, reach)]
    for place, bar in enumerate(bars):
        y = _TOP + place * _ROW
        parts.append(
            Markup(
                '<g class="{}"><title>{}</title><text x="{}" y="{}" text-anchor="end">{}</text>'
                '<line x1="{}" x2="{}" y1="{}" y2="{}"/><circle cx="{}" cy="{}" r="4"/></g>'
            ).format(
                bar.leaning,
                f"{bar.label}: {bar.value:+.1f} ({bar.low:+.1f} to {bar.high:+.1f})",
                _LEFT - 12,
                y + 4,
                _shortened(bar.label),
                x(bar.low),
                x(bar.high),
                y,
                y,
                x(bar.value),
                y,
            )
        )
    return Markup("").join([*parts, Markup("</svg>")])


def _bar(label: str, measured: dict[str, float]) -> Bar:
    return Bar(label, 100 * measured["value"], 100 * measured["low"], 100 * measured["high"])


def _shortened(label: str, most: int = 38) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _plain(label: str) -> str:
    # matplotlib reads what stands between two dollar signs as mathematics
    return _shortened(label).replace("$", r"\$")
