"""The findings as one HTML page: templates that escape by default, a style sheet and pictures inside, no script."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from quotestance.model.types import STANCES
from quotestance.service.report import charts, numbers
from quotestance.service.report.findings import Findings
from quotestance.service.report.interval import NEAR
from quotestance.service.report.options import ReportOptions
from quotestance.service.report.text import NAME_CHARACTERS, shown
from quotestance.service.report.text_fragment import quote_link
from quotestance.service.report.timeline import label_of

TEMPLATES = Path(__file__).parent / "templates"
SYMBOLS = {"condemning": "−", "neutral": "·", "supportive": "+", "unclear": "?"}


def page(name: str, findings: Findings, options: ReportOptions) -> str:
    """The HTML of the report on the archive called `name`."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # all text of the archive passes here, then the escaping
        finalize=lambda value: shown(value) if type(value) is str else value,
    )
    environment.filters["name"] = lambda text: shown(text, NAME_CHARACTERS)
    environment.globals.update(
        count=numbers.count,
        score=numbers.score,
        share=numbers.share,
        day=numbers.day,
        link=_link,
        label_of=label_of,
        symbols=SYMBOLS,
        near=NEAR,
    )
    style = Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))  # noqa: S704 (our own file)
    template = environment.get_template("page.html")
    totals = _totals(findings, options)
    return template.render(name=name, f=findings, options=options, style=style, pictures=_pictures(findings), **totals)


def _pictures(findings: Findings) -> dict[str, charts.Picture | None]:
    actors, outlets, time = findings.actors.shown, findings.outlets.shown, findings.over_time
    return {
        "actors": charts.score_picture(actors) if actors else None,
        "outlets": charts.share_picture(outlets) if outlets else None,
        "bins": charts.count_picture(time.bins) if len(time.bins) > 1 else None,
        "actors_over_time": charts.course_picture(time.actors) if time.actors else None,
        "outlets_over_time": charts.course_picture(time.outlets) if time.outlets else None,
    }


def _totals(findings: Findings, options: ReportOptions) -> dict[str, Any]:
    stances = findings.stances
    sides: list[str] = [group.score.side for group in findings.actors.shown]
    # where abstained statements count, they are among those of each stance
    judged = {
        side: getattr(stances, side) + (0 if options.include_abstained else getattr(stances, f"abstained_{side}"))
        for side in STANCES
    }
    abstained = {side: getattr(stances, f"abstained_{side}") for side in STANCES}
    sided = judged["condemning"] + judged["supportive"]
    return {
        "counted": stances.condemning + stances.neutral + stances.supportive,
        "judged": judged,
        "all_judged": sum(judged.values()),
        "abstains_on_sides": (abstained["condemning"] + abstained["supportive"]) * judged["neutral"]
        > abstained["neutral"] * sided,
        "sides": {side: sides.count(side) for side in SYMBOLS},
    }


def _link(url: str | None, quote: str) -> Markup | None:
    address = quote_link(url, quote)
    return None if address is None else escape(address)
