"""Who a definite nominal stands for: "the ministry", "the group", "the secretary of state"."""

from collections.abc import Sequence

from quotestance.model.common_words import common_words
from quotestance.model.entities import Entities, Entity
from quotestance.model.gazetteer import gazetteer, singular
from quotestance.model.mentions import Mention
from quotestance.model.names import name_keys
from quotestance.model.pronouns import Antecedent, Said

_BODIES = ("government", "armed_group", "organisation")
_REACH = 400


def resolve_nominal(
    mention: Mention, before: int, mentions: Sequence[Mention], entities: Entities, said: Sequence[Said]
) -> Antecedent | None:
    """The antecedent of a definite nominal that `before` mentions precede, None where nothing suits it."""
    head = mention.keys[-1]
    wanted = set(mention.keys) - {"the", "of"}
    if mention.category == "person":
        return _person(mention, head, wanted, before, mentions, entities, said)
    return _body(mention, head, wanted, before, mentions, entities, said)


def _recent(before: int, entities: Entities) -> list[int]:
    """Entities mentioned before, the most recent first, then those that only come later."""
    order: dict[int, None] = {}
    for i in range(before - 1, max(-1, before - 1 - _REACH), -1):
        entity = entities.of_mention[i]
        if entity is not None:
            order.setdefault(entity)
    return list(order)


def _chosen(entity: Entity, confidence: float, reason: str) -> Antecedent:
    return Antecedent(entity.id, entity.name, entity.category, entity.gender, False, confidence, reason)


def _person(
    mention: Mention,
    head: str,
    wanted: set[str],
    before: int,
    mentions: Sequence[Mention],
    entities: Entities,
    said: Sequence[Said],
) -> Antecedent | None:
    lists = gazetteer()
    countries = {c.name for w in wanted if (c := lists.country(w))}
    fields = common_words().portfolios
    named_fields = wanted & fields
    last = said[-1].entity if said else None
    best: tuple[float, Entity] | None = None
    recent = _recent(before, entities)
    later = [] if recent else [e.id for e in entities.all[:_REACH]]
    for rank, number in enumerate([*recent, *later]):
        entity = entities.all[number]
        if entity.category not in ("person", "unknown") or head not in entity.roles:
            continue
        if mention.gender and entity.gender and mention.gender != entity.gender:
            continue
        if countries and not countries & {c.name for w in entity.roles if (c := lists.country(w))}:
            continue  # "the Syrian president" is no president of whom the text does not say so
        if named_fields and entity.roles & fields and not named_fields & entity.roles:
            continue
        others = wanted - {head}
        missing = len(others - entity.roles)
        score = 2.0 * len(others & entity.roles) - missing - 0.3 * min(rank, 10) + (1.5 if number == last else 0.0)
        score += 0.1 * min(entity.count, 10)
        if "former" in entity.roles and "former" not in wanted:
            score -= 1.0
        if best is None or score > best[0]:
            best = (score, entity)
    if best is not None:
        return _chosen(best[1], 0.8, f"role: {head}")
    speaker = _unnamed_speaker(head, wanted, said, ("person",))
    if speaker is not None:
        return Antecedent(None, speaker.name, "person", speaker.gender, False, 0.7, f"same role: {head}")
    fuller = _fuller_nominal(mention, head, wanted, before, mentions)
    if fuller is not None:
        return fuller
    if (
        said
        and said[-1].category == "person"
        and said[-1].entity is not None
        and head in common_words().any_person
        and len(wanted) == 1
    ):
        speaker = said[-1]
        return Antecedent(speaker.entity, speaker.name, "person", speaker.gender, False, 0.5, "previous speaker")
    return None


def _body(
    mention: Mention,
    head: str,
    wanted: set[str],
    before: int,
    mentions: Sequence[Mention],
    entities: Entities,
    said: Sequence[Said],
) -> Antecedent | None:
    recent = _recent(before, entities)
    if not mention.plural:
        if (spoke_last := _spoken_body(head, wanted, said[-1:])) is not None:
            return spoke_last
        for number in recent:
            entity = entities.all[number]
            if (
                entity.category in _BODIES
                and head in entity.keys
                and wanted <= set(entity.keys) | entity.roles | {head}
            ):
                return _chosen(entity, 0.85, f"short for: {head}")
    lists = gazetteer()
    vague = head in common_words().any_body and not mention.plural and wanted - {head} <= lists.modifiers
    last = said[-1] if said and _suits(head, said[-1].category) else None
    if not (vague and last):
        fuller = _spoken_body(head, wanted, said) or _fuller_nominal(mention, head, wanted, before, mentions)
        if fuller is not None:
            return fuller
    if not vague:
        return None
    if last:
        return Antecedent(last.entity, last.name, last.category, None, False, 0.75, "previous speaker")
    for number in recent[:8]:
        entity = entities.all[number]
        if entity.category in _BODIES and _suits(head, entity.category):
            return _chosen(entity, 0.6, "nearest body")
    return None


def _spoken_body(head: str, wanted: set[str], said: Sequence[Said]) -> Antecedent | None:
    """An unnamed body that spoke shortly before under a fuller phrase ("Norway's foreign ministry")."""
    speaker = _unnamed_speaker(head, wanted, said, _BODIES)
    if speaker is None:
        return None
    return Antecedent(None, speaker.name, speaker.category, None, False, 0.7, f"same body: {head}")


def _unnamed_speaker(head: str, wanted: set[str], said: Sequence[Said], categories: Sequence[str]) -> Said | None:
    """Who spoke shortly before under a phrase with this head, which holds all the words wanted."""
    for speaker in reversed(said[-4:]):
        keys = name_keys(speaker.name)
        if speaker.entity is None and speaker.category in categories and keys[-1:] == (head,) and wanted <= set(keys):
            return speaker
    return None


def _suits(head: str, category: str) -> bool:
    """Whether a vague head such as "group" may mean something of this category."""
    if head in ("faction", "militia", "militants", "movement", "paramilitary"):
        return category == "armed_group"
    return category in ("organisation", "armed_group")


def _fuller_nominal(
    mention: Mention, head: str, wanted: set[str], before: int, mentions: Sequence[Mention]
) -> Antecedent | None:
    """An earlier (else a later) nominal with the same head that says more."""
    base = singular(head)
    for i in [*range(before - 1, max(-1, before - 1 - _REACH), -1), *range(before, min(len(mentions), before + 80))]:
        other = mentions[i]
        if other.kind != "nominal" or len(other.keys) <= len(mention.keys) or other.plural != mention.plural:
            continue
        if singular(other.keys[-1]) == base and wanted - {head} <= set(other.keys):
            return Antecedent(
                None, other.text, other.category, other.gender, other.plural, 0.65, f"fuller form: {head}"
            )
    return None
