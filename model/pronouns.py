"""Who a pronoun stands for: a weighing of the mentions before it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from quotestance.model.entities import Entities
from quotestance.model.gazetteer import gazetteer
from quotestance.model.mentions import Mention
from quotestance.model.names import Gender
from quotestance.model.words import fold

# Looking back further than this finds nothing right and costs time.
_REACH = 60
# Weights, fitted by trying steps on labelled articles.
_SAID_BEFORE = (1.6, 0.3, 0.35)  # the last speaker, the one before, the third
_SAID_FADES = 0.25  # per sentence since
_FAR = -0.55  # per sentence since the mention
_LEADS, _IS_QUOTED, _OWNS, _MODIFIES, _IS_OBLIQUE, _IS_NOMINAL = 0.45, -2.0, -0.5, -1.5, -0.7, -1.25
_OWNER_LEADS, _OWNER_SAID = 1.5, 0.5  # "its ministry" is the subject's, less often the last speaker's
_BODIES = ("government", "armed_group", "organisation")


@dataclass(frozen=True, slots=True)
class Said:
    """An earlier speaker: who it was, and in which sentence it spoke."""

    entity: int | None
    name: str
    category: str
    gender: Gender | None
    plural: bool
    sentence: int


@dataclass(frozen=True, slots=True)
class Antecedent:
    """The choice for a pronoun: an entity, or the name of an unnamed speaker, with 0 … 1 confidence."""

    entity: int | None
    name: str
    category: str
    gender: Gender | None
    plural: bool
    confidence: float
    reason: str


def resolve_pronoun(
    pronoun: str,
    sentence: int,
    before: int,
    mentions: Sequence[Mention],
    entities: Entities,
    said: Sequence[Said],
    *,
    possessive: bool = False,
) -> Antecedent | None:
    """The antecedent of `pronoun` ("he", "she", "they", "it") in sentence number `sentence`.

    `possessive` says that it stands as "its", "their" … before a noun, `before` is the number of mentions that start
    before it, `said` the earlier speakers in text order.
    """
    scores: dict[tuple[int | None, str], float] = {}
    found: dict[tuple[int | None, str], Antecedent] = {}

    def offer(score: float, choice: Antecedent) -> None:
        key = (choice.entity, choice.name.casefold() if choice.entity is None else "")
        if key not in scores or score > scores[key]:
            scores[key] = score
            found[key] = choice

    for i in range(before - 1, max(-1, before - 1 - _REACH), -1):
        mention = mentions[i]
        if mention.kind == "nominal" and _is_apposition(mention, mentions[max(0, i - 3) : i]):
            continue
        entity_id = entities.of_mention[i]
        fit = _fit(pronoun, mention, entities, entity_id)
        if fit is None:
            continue
        if pronoun == "it" and mention.modifier:
            fit -= 1.0  # "the rebel claims": "it" is not the rebels
        entity = None if entity_id is None else entities.all[entity_id]
        score = fit + _salience(mention, sentence) + (0.25 * math.log(entity.count) if entity else 0.0)
        if (
            entity
            and entity.category == "unknown"
            and not entity.roles
            and len(entity.keys) == 1
            and pronoun in ("he", "she")
        ):
            score -= 1.0  # one bare capitalised word is as often a place
        if mention.text.isupper() and mention.sentence == 0:
            score -= 1.5  # the dateline
        subject = mention.lead and not (mention.oblique or mention.possessive or mention.modifier)
        if possessive and subject and sentence - mention.sentence <= 1:
            score += _OWNER_LEADS
        name = entity.name if entity else mention.text
        gender = entity.gender if entity else mention.gender
        category = entity.category if entity else mention.category
        offer(score, Antecedent(entity_id, name, category, gender, mention.plural, 0.0, "nearest subject"))
    for back, speaker in enumerate(reversed(said[-3:])):
        if not _speaker_fits(pronoun, speaker):
            continue
        distance = sentence - speaker.sentence
        bonus = _SAID_BEFORE[back] - _SAID_FADES * min(distance, 8)
        bonus *= _OWNER_SAID if possessive else 1.0
        key = (speaker.entity, speaker.name.casefold() if speaker.entity is None else "")
        choice = Antecedent(
            speaker.entity, speaker.name, speaker.category, speaker.gender, speaker.plural, 0.0, "previous speaker"
        )
        scores[key] = scores.get(key, 0.0) + bonus
        found[key] = choice
    if not scores:
        return None
    ranked = sorted(scores.items(), key=lambda kv: -kv[1])
    best, top = ranked[0]
    margin = top - ranked[1][1] if len(ranked) > 1 else 2.0
    confidence = 1 / (1 + math.exp(-(0.6 + 0.9 * margin + 0.2 * top)))
    chosen = found[best]
    return Antecedent(
        chosen.entity,
        chosen.name,
        chosen.category,
        chosen.gender,
        chosen.plural,
        confidence,
        f"{pronoun}: {chosen.reason}",
    )


def _is_apposition(mention: Mention, before: Sequence[Mention]) -> bool:
    """Whether a nominal is the role of a name just before it: "Ada Obi, the House speaker"."""
    roles = set(mention.role)
    return any(m.kind == "name" and m.sentence == mention.sentence and roles <= set(m.role) for m in before)


def _salience(mention: Mention, sentence: int) -> float:
    score = _FAR * min(sentence - mention.sentence, 8)
    score += _LEADS if mention.lead and not mention.oblique else 0.0
    score += _IS_QUOTED if mention.quoted else 0.0
    score += _OWNS if mention.possessive else 0.0
    score += _MODIFIES if mention.modifier else 0.0
    score += _IS_OBLIQUE if mention.oblique else 0.0
    score += _IS_NOMINAL if mention.kind == "nominal" else 0.0
    return score


def _fit(pronoun: str, mention: Mention, entities: Entities, entity_id: int | None) -> float | None:
    """How well a mention's kind suits the pronoun, None where it cannot be."""
    entity = None if entity_id is None else entities.all[entity_id]
    category = entity.category if entity else mention.category
    gender = entity.gender if entity else mention.gender
    if pronoun in ("he", "she"):
        if category not in ("person", "unknown") or mention.plural:
            return None
        wanted = "male" if pronoun == "he" else "female"
        if gender and gender != wanted:
            return None
        # A woman without a sign of it is rarer in this news than a man.
        unsure = -0.2 if pronoun == "he" else -0.6
        return (0.4 if gender else unsure) - (0.6 if category == "unknown" else 0.0)
    if pronoun == "it":
        if category in _BODIES:
            return 0.0
        if category == "place":
            # towns say nothing; countries do
            return -1.6 if entity and gazetteer().country(fold(entity.name)) is None else -0.6
        return -1.6 if category == "unknown" else None
    if pronoun == "they":
        if mention.plural:
            return 0.7 if category == "group" else 0.3
        if category in _BODIES:
            return -0.8
        return -1.5 if category == "place" else None
    return None


def _speaker_fits(pronoun: str, speaker: Said) -> bool:
    if pronoun in ("he", "she"):
        wanted = "male" if pronoun == "he" else "female"
        return speaker.category in ("person", "unknown") and not speaker.plural and speaker.gender in (None, wanted)
    if pronoun == "it":
        return speaker.category in (*_BODIES, "place") and not speaker.plural
    return speaker.plural or speaker.category in (*_BODIES, "group", "place")
