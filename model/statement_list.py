"""One list of statements out of the rules' and the tagger's: no span twice, each with the better-founded speaker.

The rules are sure of quote marks and continued quotes; the tagger of cues, sources and what is reported without marks.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from quotestance.model.types import Attribution, Span, iou

_SAME = 0.5  # statements that overlap this much are one
_TOUCH = 0.3
_RELAYS = re.compile(r"according|report|quot|cit|carried|publish", re.IGNORECASE)
_RELATIVE = frozenset(["who", "which", "that", "whose"])
# where or to whom something was said, and nothing of what was said: "in a statement posted online"
_OCCASION = re.compile(
    r"(?:(?:in|on|at|during|via|through|by) (?:an? |the |his |her |its |their )?(?:[\w-]+ ){0,3}"
    r"(?:statement|interview|tweet|post|briefing|speech|letter|report|address|conference|phone|telephone)"
    r"|to (?:the )?(?:[\w-]+ )?(?:reporters|journalists)"
    r"|told (?:reporters|journalists|the \w+|a \w+|\w+ news agency))"
    r"(?: (?:\w+ed|on|to|in|at|with|from|by|of|for|after|late|early|given|sent|seen)\b.*)?",
    re.IGNORECASE,
)
_OCCASION_WORDS = 9  # longer ones say something after all


def combine(text: str, by_rule: Sequence[Attribution], by_tag: Sequence[Attribution]) -> list[Attribution]:
    """Direct quotes as the rules cut them, with the tagger's speaker; then the rest, the tagger's first."""
    tagged = without_doubles(text, [_with_antecedent(text, a, by_rule) for a in by_tag])
    direct = [_with_tagged_speaker(text, a, tagged) for a in by_rule if a.kind == "direct"]
    rest = [a for a in by_rule if a.kind != "direct"]
    found = _added(_added(direct, tagged), rest)
    return sorted((a for a in found if not _names_the_occasion(text, a)), key=lambda a: a.quote)


def _names_the_occasion(text: str, attribution: Attribution) -> bool:
    words = attribution.quote.of(text).rstrip(".,;")
    few = attribution.kind == "indirect" and len(words.split()) <= _OCCASION_WORDS
    return few and _OCCASION.fullmatch(words) is not None


def without_doubles(text: str, found: Sequence[Attribution]) -> list[Attribution]:
    """Of statements that are one, the first that is not merely relayed ("according to the agency").

    A statement inside another stays when it is a report within a report, with its own cue in there; then it is the
    other that goes where it merely relays.
    """
    kept: list[Attribution] = []
    for attribution in sorted(found, key=lambda a: (a.quote.start, -a.quote.end)):
        if attribution.cue is not None:
            kept = [k for k in kept if not (k.quote.contains(attribution.cue) and _relayed(text, k))]
        double = next((i for i, k in enumerate(kept) if _double(attribution, k)), None)
        if double is None:
            kept.append(attribution)
        elif _relayed(text, kept[double]) and not _relayed(text, attribution):
            kept[double] = attribution
    return sorted(kept, key=lambda a: a.quote)


def _double(a: Attribution, kept: Attribution) -> bool:
    nested = a.cue is not None and kept.quote.contains(a.cue)
    return iou(a.quote, kept.quote) >= _SAME or (kept.quote.contains(a.quote) and not nested)


def _relayed(text: str, attribution: Attribution) -> bool:
    if attribution.speaker is None:
        return True
    return attribution.cue is not None and _RELAYS.match(attribution.cue.of(text)) is not None


def _with_tagged_speaker(text: str, attribution: Attribution, tagged: Sequence[Attribution]) -> Attribution:
    near = [t for t in tagged if t.speaker is not None and t.quote.overlaps(attribution.quote)]
    best = max(near, key=lambda t: iou(t.quote, attribution.quote), default=None)
    if best is None or best.cue is None or (_relayed(text, best) and not _relayed(text, attribution)):
        return attribution
    agrees = attribution.cue is None or best.cue.overlaps(attribution.cue) or iou(best.quote, attribution.quote) > _SAME
    return replace(attribution, speaker=best.speaker, cue=best.cue) if agrees else attribution


def _with_antecedent(text: str, attribution: Attribution, by_rule: Sequence[Attribution]) -> Attribution:
    """A source "who" or "which" gives way to the noun that the rules find behind it."""
    source = attribution.speaker.of(text) if attribution.speaker else ""
    if source.lower() not in _RELATIVE or source == "WHO":  # the organisation
        return attribution
    cue = attribution.cue or Span(attribution.quote.start, attribution.quote.start + 1)
    speaker = next((r.speaker for r in by_rule if r.cue is not None and r.cue.overlaps(cue)), None)
    return replace(attribution, speaker=speaker) if speaker is not None else attribution


def _added(first: Sequence[Attribution], more: Sequence[Attribution]) -> list[Attribution]:
    """`first`, and of `more` what does not touch it."""
    free = [
        a
        for a in more
        if not any(
            iou(a.quote, k.quote) >= _TOUCH or k.quote.contains(a.quote) or a.quote.contains(k.quote) for k in first
        )
    ]
    return [*first, *free]
