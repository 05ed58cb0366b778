"""Figures of the reader: exact spans on PolNeAR's terms, and statements, speakers and actors on our labels."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quotestance.model.actors import resolve
from quotestance.model.reader import Reader
from quotestance.model.segmentation import segment
from quotestance.model.tagger import Tagger
from quotestance.model.types import Attribution, Resolution, iou
from quotestance.training.attribution_data import AttributionArticle
from quotestance.training.labels import LabelledArticle, LabelledStatement

FOUND = 0.5  # a labelled statement counts as found when a quote overlaps it with at least this IoU
_PRONOUNS = frozenset(["he", "she", "it", "they", "who", "we", "i", "his", "her", "their", "its"])
_WORD = re.compile(r"[^\W_]+")


def exact_f1(tagger: Tagger, articles: Sequence[AttributionArticle], batch: int = 16) -> dict[str, float]:
    """F1 of exactly equal spans for source, cue and content; every contiguous span counts as one."""
    right, found, wanted = (dict.fromkeys(("source", "cue", "content"), 0) for _ in range(3))
    for start in range(0, len(articles), batch):
        chunk = articles[start : start + batch]
        for article, tagged in zip(chunk, tagger.tag([segment(a.text) for a in chunk]), strict=True):
            ours = {
                "source": {s for a in tagged for s in a.source},
                "cue": {a.cue for a in tagged},
                "content": {s for a in tagged for s in a.content},
            }
            gold = {
                "source": {s for a in article.gold for s in a.source},
                "cue": {a.cue for a in article.gold},
                "content": {s for a in article.gold for s in a.content},
            }
            for key in right:
                right[key] += len(ours[key] & gold[key])
                found[key] += len(ours[key])
                wanted[key] += len(gold[key])
    return {k: 2 * right[k] / (found[k] + wanted[k]) if found[k] + wanted[k] else 0.0 for k in right}


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
                best = max(range(len(found)), key=lambda i: iou(found[i].quote, statement.quote), default=None)
                if best is None or iou(found[best].quote, statement.quote) < FOUND:
                    matches.append(Match(statement, None, None))
                else:
                    matches.append(Match(statement, found[best], resolutions[best]))
    return matches


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
    """Whether two names agree in surname or head noun: accents, case, articles and possessives do not count."""
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
