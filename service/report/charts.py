"""The pictures, drawn by Vega-Altair into SVG: no script in the page, colours from the page's own variables.

Every picture is drawn twice, for a wide and for a narrow screen; the page shows the one that fits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup

from quotestance.service.report.findings import Bin, Group, Point
from quotestance.service.report.text import shown

INK, FAINT, GRID = "var(--ink)", "var(--faint)", "var(--rule)"
_COLOURS = {name: f"var(--{name})" for name in ("condemning", "neutral", "supportive", "unclear")}
# of a bar: most of it is neutral, which should not weigh most
_FILLS = {
    "condemning": {"fill": "var(--condemning)", "ink": "var(--on-mark)"},
    "neutral": {"fill": "var(--neutral-fill)", "ink": "var(--ink)"},
    "supportive": {"fill": "var(--supportive)", "ink": "var(--on-mark)"},
}
_SHAPES = {"condemning": "triangle-down", "neutral": "circle", "supportive": "triangle-up", "unclear": "diamond"}
_SCORE_TICKS = [-1, -0.5, 0, 0.5, 1]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as SVG elements for two widths of screen."""

    wide: Markup
    narrow: Markup


@dataclass(frozen=True, slots=True)
class _Width:
    plot: int  # pixels
    names: int  # characters


_WIDE, _NARROW = _Width(375, 27), _Width(300, 27)


def score_picture(groups: Sequence[Group]) -> Picture:
    """Each group's mean score as a point on its 95 % interval, in the order given."""
    return _both(lambda width: _scores(groups, width))


def share_picture(groups: Sequence[Group]) -> Picture:
    """Each group's counted statements by stance, as shares of a bar."""
    return _both(lambda width: _shares(groups, width))


def count_picture(bins: Sequence[Bin]) -> Picture:
    """Condemning statements below the line and supportive ones above it, for each stretch of time."""
    return _both(lambda width: _counts(bins, width))


def course_picture(points: Sequence[Point]) -> Picture:
    """One small picture for each actor or outlet: its mean score over time, larger points for more statements."""
    return _both(lambda width: _courses(points, width))


def _scores(groups: Sequence[Group], width: _Width) -> Any:
    values = [
        {
            "row": f"{i:03}",
            "name": shown(group.name, width.names),
            "mean": round(group.score.mean, 4),
            "low": None if group.score.low is None else round(group.score.low, 4),
            "high": None if group.score.high is None else round(group.score.high, 4),
            "side": group.score.side,
            "counts": _side_counts(group),
        }
        for i, group in enumerate(groups)
    ]
    narrow = width is _NARROW
    row = alt.Y("row:N", axis=None, sort="ascending")
    base = alt.Chart({"values": values})
    names = base.mark_text(align="left" if narrow else "right", color=INK, fontSize=13, dy=-13 if narrow else 0)
    names = names.encode(y=row, text="name:N", x=alt.value(0 if narrow else -12))
    counts = base.mark_text(align="right" if narrow else "left", color=FAINT, fontSize=12, dy=-13 if narrow else 0)
    counts = counts.encode(y=row, text="counts:N", x=alt.value(width.plot + (0 if narrow else 14)))
    zero = base.mark_rule(color=FAINT, strokeWidth=1).encode(x=alt.datum(0))
    interval = base.mark_rule(strokeWidth=3, opacity=0.45, strokeCap="round").encode(
        y=row, x=alt.X("low:Q"), x2="high:Q", color=_side_colour()
    )
    shape = alt.Shape("side:N", scale=alt.Scale(domain=list(_SHAPES), range=list(_SHAPES.values())), legend=None)
    point = base.mark_point(filled=True, size=95, opacity=1).encode(
        y=row, x=alt.X("mean:Q", scale=alt.Scale(domain=[-1, 1]), axis=_score_axis()), color=_side_colour(), shape=shape
    )
    ends = _ends("▼ condemning", "supportive ▲", width, width.plot)
    return alt.layer(zero, interval, point, names, counts, *ends).properties(
        width=width.plot, height=alt.Step(38 if narrow else 26)
    )


def _shares(groups: Sequence[Group], width: _Width) -> Any:
    narrow = width is _NARROW
    values, names = [], []
    for i, group in enumerate(groups):
        names.append({"row": f"{i:03}", "name": shown(group.name, width.names)})
        start = 0.0
        for symbol, side in (("−", "condemning"), ("·", "neutral"), ("+", "supportive")):
            count = getattr(group.stances, side)
            end = start + count / group.counted
            text = f"{symbol} {count:,}" if end - start > 0.09 else symbol if end - start > 0.03 else ""
            segment = {"start": round(start, 4), "end": round(end, 4), "middle": round((start + end) / 2, 4)}
            values.append({"row": f"{i:03}", "text": text, **_FILLS[side], **segment})
            start = end
    row = alt.Y("row:N", axis=None, sort="ascending", scale=alt.Scale(paddingInner=0.5 if narrow else 0.25))
    base = alt.Chart({"values": values})
    bar = base.mark_bar(stroke="var(--paper)", strokeWidth=1).encode(
        y=row,
        x=alt.X("start:Q", scale=alt.Scale(domain=[0, 1]), axis=_axis(values=[0, 0.5, 1], format="%")),
        x2="end:Q",
        color=alt.Color("fill:N", scale=None),
    )
    text = base.mark_text(fontSize=12, fontWeight=600).encode(
        y=row, x="middle:Q", text="text:N", color=alt.Color("ink:N", scale=None)
    )
    name = alt.Chart({"values": names}).mark_text(
        align="left" if narrow else "right", color=INK, fontSize=13, dy=-20 if narrow else 0
    )
    label = name.encode(y=row, text="name:N", x=alt.value(0 if narrow else -12))
    plot = width.plot + (0 if narrow else 95)
    ends = _ends("− condemning", "supportive +", width, plot)
    return alt.layer(bar, text, label, *ends).properties(width=plot, height=alt.Step(46 if narrow else 28))


def _counts(bins: Sequence[Bin], width: _Width) -> Any:
    values = [
        {"start": f"{b.start}", "end": f"{b.end}", "count": sign * getattr(b, side), "side": side}
        for b in bins
        for side, sign in (("condemning", -1), ("supportive", 1))
    ]
    highest = max((abs(value["count"]) for value in values), default=0) or 1
    base = alt.Chart({"values": values})
    axis = _axis(tickMinStep=1, tickCount=5, labelExpr="format(abs(datum.value), ',d')")
    bar = base.mark_bar(stroke="var(--paper)", strokeWidth=0.5).encode(
        x=alt.X("start:T", scale=alt.Scale(type="utc"), axis=_axis(tickCount=width.plot // 80, grid=False)),
        x2="end:T",
        y2=alt.datum(0),
        y=alt.Y("count:Q", scale=alt.Scale(domain=[-highest, highest]), axis=axis, stack=None),
        color=_side_colour(),
    )
    zero = base.mark_rule(color=INK, strokeWidth=1).encode(y=alt.datum(0))
    return alt.layer(bar, zero).properties(width=680 if width is _WIDE else 290, height=190)


def _courses(points: Sequence[Point], width: _Width) -> Any:
    order = {number: i for i, number in enumerate(dict.fromkeys(point.number for point in points))}
    values = [
        {
            "whose": f"{order[p.number]:02} {shown(p.name, 26)}",
            "start": f"{p.start}",
            "mean": round(p.mean, 4),
            "counted": p.counted,
        }
        for p in points
    ]
    wide = width is _WIDE
    base = alt.Chart({"values": values}, width=192 if wide else 280, height=88)
    x = alt.X("start:T", scale=alt.Scale(type="utc"), axis=_axis(tickCount=3 if wide else 4, grid=False))
    y = alt.Y("mean:Q", scale=alt.Scale(domain=[-1, 1]), axis=_axis(values=[-1, 0, 1], labelExpr=_SCORE_LABEL))
    zero = base.mark_rule(color=FAINT).encode(y=alt.datum(0))
    line = base.mark_line(color=FAINT, strokeWidth=1.5).encode(x=x, y=y)
    size = alt.Size("counted:Q", scale=alt.Scale(domainMin=0, range=[12, 190]), legend=None)
    point = base.mark_point(filled=True, color=INK, opacity=0.75).encode(x=x, y=y, size=size)
    header = alt.Header(
        title=None,
        labelExpr="slice(datum.label, 3)",  # without the number that keeps them apart and in order
        labelAnchor="start",
        labelFontSize=13,
        labelFontWeight=600,
        labelColor=INK,
        labelLimit=0,
    )
    facet = alt.Facet("whose:N", header=header)
    return alt.layer(zero, line, point).facet(facet, columns=3 if wide else 1).resolve_axis(x="independent")


def _ends(left: str, right: str, width: _Width, plot: int) -> list[Any]:
    """What the two ends of a row mean, above the rows."""
    above = alt.value(-22 if width is _NARROW else -10)
    text = alt.Chart({"values": [{}]})
    return [
        text.mark_text(text=left, align="left", color=FAINT, fontSize=12).encode(x=alt.value(0), y=above),
        text.mark_text(text=right, align="right", color=FAINT, fontSize=12).encode(x=alt.value(plot), y=above),
    ]


def _side_counts(group: Group) -> str:
    """`−3 +1 of 12`; `0 of 12` where none takes a side."""
    sides = (("−", group.stances.condemning), ("+", group.stances.supportive))
    return f"{' '.join(f'{sign}{count:,}' for sign, count in sides if count) or '0'} of {group.counted:,}"


_SCORE_LABEL = "datum.value < 0 ? '−' : datum.value > 0 ? '+' : '0'"


def _side_colour() -> alt.Color:
    scale = alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
    return alt.Color("side:N", scale=scale, legend=None)


def _score_axis() -> alt.Axis:
    expression = (
        "datum.value > 0 ? '+' + format(datum.value, '.1f') : datum.value < 0 ? format(datum.value, '.1f') : '0'"
    )
    return _axis(values=_SCORE_TICKS, labelExpr=expression)


def _axis(**options: Any) -> alt.Axis:
    return alt.Axis(
        title=None, labelColor=FAINT, tickColor=GRID, domainColor=GRID, gridColor=GRID, labelFontSize=12, **options
    )


def _both(draw: Callable[[_Width], Any]) -> Picture:
    return Picture(_svg(draw(_WIDE)), _svg(draw(_NARROW)))


def _svg(chart: Any) -> Markup:
    whole = chart.configure(aria=False, background="transparent", padding=2, font="sans-serif").configure_view(
        stroke=None
    )
    drawn = vl_convert.vegalite_to_svg(whole.to_json(validate=False), allowed_base_urls=[])
    # text in it is escaped by Vega's own SVG writer; the picture has its words from the figure around it
    return Markup(drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704
