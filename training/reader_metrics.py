"""Figures of the reader: exact spans on PolNeAR's terms, and statements, speakers and actors on our labels."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from quotestance.model.actors import resolve
from quotestance.model.reader import Reader
from quotestance.model.segmentation import segment
from quotestance.model.tagger import TaggedAttribution, Tagger
from quotestance.model.types import Attribution, Resolution, Span, iou
from quotestance.training.attribution_data import AttributionArticle, GoldAttribution
from quotestance.training.labels import LabelledArticle, LabelledStatement

FOUND = 0.5  # a labelled statement counts as found when a quote overlaps it with at least this IoU
T = TypeVar("T")
_PRONOUNS = frozenset(["he", "she", "it", "they", "who", "we", "i", "his", "her", "their", "its"])
_WORD = re.compile(r"[^\W_]+")


Spans = Mapping[str, set[Span]]  # by part: source, cue, content
PARTS = ("source", "cue", "content")


def attribution_f1(tagger: Tagger, articles: Sequence[AttributionArticle], batch: int = 16) -> dict[str, Any]:
    """F1 of exactly equal and of overlapping spans for each part, and of quote and speaker together.

    Every contiguous span counts as one (Newell et al. 2018). `joint` takes an attribution with a source and a content
    as right when both overlap their counterparts with an IoU of at least `FOUND`, from first to last character.
    """
    tagged: list[list[TaggedAttribution]] = []
    for start in range(0, len(articles), batch):
        tagged += tagger.tag([segment(a.text) for a in articles[start : start + batch]])
    ours = [spans_of(t) for t in tagged]
    gold = [spans_of(a.gold) for a in articles]
    return {
        "articles": len(articles),
        "exact": span_f1(ours, gold),
        "overlap": span_f1(ours, gold, FOUND),
        "joint": _joint_f1(tagged, [a.gold for a in articles]),
    }


def span_f1(found: Sequence[Spans], gold: Sequence[Spans], least: float = 1.0) -> dict[str, float]:
    """F1 by part of spans that agree with an IoU of at least `least`, article by article."""
    result = {}
    for part in PARTS:
        right = total = 0
        for ours, theirs in zip(found, gold, strict=True):
            a, b = ours[part], theirs[part]
            right += len(a & b) if least >= 1.0 else _pairs(sorted(a), sorted(b), lambda x, y: iou(x, y) >= least)
            total += len(a) + len(b)
        result[part] = 2 * right / total if total else 0.0
    return result


def spans_of(attributions: Sequence[GoldAttribution] | Sequence[TaggedAttribution]) -> Spans:
    """Every span of the attributions, by part."""
    return {
        "source": {s for a in attributions for s in a.source},
        "cue": {a.cue for a in attributions},
        "content": {s for a in attributions for s in a.content},
    }


def _joint_f1(
    found: Sequence[Sequence[TaggedAttribution]], gold: Sequence[Sequence[GoldAttribution]]
) -> dict[str, float]:
    right = ours_count = gold_count = 0
    for ours, theirs in zip(found, gold, strict=True):
        a = [(_hull(x.content), _hull(x.source)) for x in ours if x.content and x.source]
        b = [(_hull(x.content), _hull(x.source)) for x in theirs if x.content and x.source]
        right += _pairs(a, b, lambda x, y: iou(x[0], y[0]) >= FOUND and iou(x[1], y[1]) >= FOUND)
        ours_count += len(a)
        gold_count += len(b)
    total = ours_count + gold_count
    return {
        "precision": right / ours_count if ours_count else 0.0,
        "recall": right / gold_count if gold_count else 0.0,
        "f1": 2 * right / total if total else 0.0,
    }


def _pairs(ours: Sequence[T], theirs: Sequence[T], agree: Callable[[T, T], bool]) -> int:
    """How many of `ours` have a counterpart of their own among `theirs`."""
    left = list(theirs)
    count = 0
    for item in ours:
        match = next((i for i, other in enumerate(left) if agree(item, other)), None)
        if match is not None:
            del left[match]
            count += 1
    return count


def _hull(spans: Sequence[Span]) -> Span:
    return Span(min(s.start for s in spans), max(s.end for s in spans))


@dataclass(frozen=True, slots=True)
class Match:
    """A labelled statement and the attribution that found it, if one did."""

    gold: LabelledStatement
    found: Attribution | None
    resolution: Resolution | None

    @property
    def speaker_right(self) -> bool:
        """The found mention overlaps the labelled one, or names the same in other words."""
        if self.found is None or self.found.speaker is None:
            return False
        speaker, wanted = self.found.speaker, self.gold.speaker
        if wanted is not None and speaker.overlaps(wanted):
            return True
        written = wanted.of(self.gold.text) if wanted is not None else self.gold.actor
        return same_actor(speaker.of(self.gold.text), written)

    @property
    def actor_right(self) -> bool:
        """The surname or head noun of the resolved actor agrees with the labelled actor's."""
        return (
            self.resolution is not None
            and self.resolution.actor is not None
            and same_actor(self.resolution.actor.name, self.gold.actor)
        )

    @property
    def mention(self) -> str:
        """What the labelled speaker is: `pronoun`, `nominal` or `named`."""
        words = _words(self.gold.speaker.of(self.gold.text)) if self.gold.speaker else []
        if len(words) == 1 and words[0].lower() in _PRONOUNS:
            return "pronoun"
        return "named" if any(w[:1].isupper() for w in words[1:] or words) else "nominal"


def match(reader: Reader, articles: Sequence[LabelledArticle], batch: int = 16) -> list[Match]:
    """Read every article and look for its labelled statements among what was found."""
    matches: list[Match] = []
    for start in range(0, len(articles), batch):
        chunk = articles[start : start + batch]
        documents = [segment(a.text, a.title or None) for a in chunk]
        for article, document, found in zip(chunk, documents, reader.attribute(documents), strict=True):
            resolutions = resolve(document, found)
            for statement in article.statements:
                best = max(range(len(found)), key=lambda i: _nearness(found[i], statement), default=None)
                if best is None or iou(found[best].quote, statement.quote) < FOUND:
                    matches.append(Match(statement, None, None))
                else:
                    matches.append(Match(statement, found[best], resolutions[best]))
    return matches


def _nearness(found: Attribution, statement: LabelledStatement) -> tuple[float, bool]:
    """Of statements made together, each is held against its own speaker's."""
    ours, theirs = found.speaker, statement.speaker
    return iou(found.quote, statement.quote), ours is not None and theirs is not None and ours.overlaps(theirs)


def summary(matches: Sequence[Match]) -> dict[str, float | Mapping[str, float]]:
    """Shares: statements found (by kind too), and among these, speaker and actor right (by kind of mention too)."""
    found = [m for m in matches if m.found is not None]
    kinds = sorted({m.gold.kind for m in matches if m.gold.kind})
    mentions = sorted({m.mention for m in found})
    return {
        "statements": len(matches),
        "found": _share([m.found is not None for m in matches]),
        "found_by_kind": {k: _share([m.found is not None for m in matches if m.gold.kind == k]) for k in kinds},
        "speaker": _share([m.speaker_right for m in found]),
        "actor": _share([m.actor_right for m in found]),
        "actor_by_mention": {k: _share([m.actor_right for m in found if m.mention == k]) for k in mentions},
    }


def same_actor(ours: str, theirs: str) -> bool:
    """Whether the surname or head noun of one name is a word of the other ("Ruhani", "president Ruhani's office").

    Accents, case, articles and possessives do not count.
    """
    a, b = _head(ours), _head(theirs)
    return bool(a and b) and (a == b or a in _folded(theirs) or b in _folded(ours))


def _head(name: str) -> str:
    words = _folded(re.split(r"\s(?:of|for|in|at|on|from|with|to)\s", name, maxsplit=1)[0])
    return words[-1] if words else ""


def _folded(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", re.sub(r"[’']s\b", "", name))
    bare = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    return [w for w in _WORD.findall(bare) if w not in {"the", "a", "an"}]


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
