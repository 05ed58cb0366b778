"""The actor resolver: who each speaker mention of a text is, under one canonical name per actor."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from quotestance.model.actor_types import actor_type, head_noun, is_plural
from quotestance.model.common_words import common_words
from quotestance.model.document import Document
from quotestance.model.entities import Entities, Entity, cluster
from quotestance.model.gazetteer import gazetteer
from quotestance.model.mentions import Mention, find_mentions
from quotestance.model.names import Gender, body_category, gender_of
from quotestance.model.nominals import resolve_nominal
from quotestance.model.possessors import is_issued, possessed_name, split_possessive
from quotestance.model.pronouns import Antecedent, Said, resolve_pronoun
from quotestance.model.speakers import Speaker, bare_phrase, names_nobody, past_paper, read_speaker
from quotestance.model.types import Actor, Attribution, Resolution, Span
from quotestance.model.words import fold

# Under this an antecedent is a guess, and the mention stands for itself.
_LEAST_CONFIDENCE = 0.4
_LEAST_FOR_UNKNOWN = 0.75  # a name of no known kind as a possessor
_NOBODY = Resolution(None, False, 0.0, "no speaker")


@dataclass(slots=True)
class _Text:
    """What is known of the text while its speakers are read one after the other."""

    text: str
    mentions: list[Mention]
    starts: list[int]
    entities: Entities
    sentence_starts: list[int]
    said: list[Said] = field(default_factory=list)
    quotes: list[tuple[Span, Said]] = field(default_factory=list)


def resolve(document: Document, attributions: Sequence[Attribution]) -> list[Resolution]:
    """One resolution for each attribution, in the same order.

    A mention stands for the fullest form of its actor's name in the text. Where the evidence is weak the mention
    stands for itself and `resolved` is false.
    """
    mentions = find_mentions(document)
    sentence_starts = [s.start for p in document.paragraphs for s in p.sentences]
    entities = cluster(mentions)
    known = _Text(document.text, mentions, [m.span.start for m in mentions], entities, sentence_starts)
    spoken = _countries_that_speak(document.text, attributions, entities.all)
    answers: list[Resolution] = [_NOBODY] * len(attributions)
    order = sorted(range(len(attributions)), key=lambda i: _position(attributions[i]))
    read: dict[Span, Antecedent | None] = {}
    for i in order:
        span = attributions[i].speaker
        if span is None or names_nobody(span.of(document.text)):
            continue
        span = past_paper(document.text, span)
        found = read[span] if span in read else _antecedent(known, span)
        read[span] = found
        if found is not None:
            found = _in_country_name(found, spoken)
        answers[i] = _resolution(span.of(document.text), found)
        if found is not None:
            said = _said(known, span, found)
            if not known.said or (said.entity, said.name) != (known.said[-1].entity, known.said[-1].name):
                known.said.append(said)
            else:
                known.said[-1] = said
            known.quotes.append((attributions[i].quote, said))
    return _in_one_spelling(answers)


def _in_one_spelling(answers: Sequence[Resolution]) -> list[Resolution]:
    """Actors that differ in capitals alone ("Witnesses", "witnesses") as the first of them is written."""
    first: dict[tuple[str, str], Actor] = {}
    return [
        r if r.actor is None else replace(r, actor=first.setdefault((fold(r.actor.name), r.actor.type), r.actor))
        for r in answers
    ]


def _countries_that_speak(text: str, attributions: Sequence[Attribution], entities: Sequence[Entity]) -> dict[str, str]:
    """The countries that speak under their own name, with the fullest form that the text has of it."""
    places = gazetteer().places
    fullest = {country.name: e.name for e in entities if (country := places.get(fold(e.name)))}
    spoken: dict[str, str] = {}
    for attribution in attributions:
        phrase = bare_phrase(attribution.speaker.of(text)) if attribution.speaker else ""
        if (country := places.get(fold(phrase))) and phrase != "us":
            spoken.setdefault(country.name, fullest.get(country.name, phrase))
    return spoken


def _in_country_name(found: Antecedent, spoken: dict[str, str]) -> Antecedent:
    """A capital under its country's name where the country speaks too, so that both count as one actor."""
    lists = gazetteer()
    seat = fold(found.name)
    country = lists.seats.get(seat)
    if country is None or seat in lists.government_names or country.name not in spoken:
        return found
    return Antecedent(None, spoken[country.name], "place", None, False, 0.8, f"seat of government: {found.name}")


def _position(attribution: Attribution) -> tuple[int, int]:
    start = attribution.speaker.start if attribution.speaker else attribution.quote.start
    return (start, attribution.quote.start)


def _resolution(written: str, found: Antecedent | None) -> Resolution:
    if found is None or found.confidence < _LEAST_CONFIDENCE:
        phrase = bare_phrase(written)
        plural = is_plural(phrase)
        kind = "group" if plural or fold(phrase) in ("they", "we") else "unknown"
        return Resolution(Actor(phrase, actor_type(phrase, kind)), False, 0.2, "no antecedent")
    return Resolution(
        Actor(found.name, actor_type(found.name, found.category)), True, round(found.confidence, 3), found.reason
    )


def _said(known: _Text, span: Span, found: Antecedent) -> Said:
    sentence = bisect_right(known.sentence_starts, span.start) - 1
    return Said(found.entity, found.name, found.category, found.gender, found.plural, sentence)


def _antecedent(known: _Text, span: Span) -> Antecedent | None:
    speaker = read_speaker(known.text, span, known.mentions, known.starts)
    before = bisect_left(known.starts, span.start)
    if speaker.kind == "pronoun":
        return _pronoun(known, speaker, span, before)
    owned = split_possessive(speaker.phrase)
    if owned is not None and speaker.kind != "name":
        return _possessed(known, *owned, span, before)
    if len(speaker.joint) > 1:
        names = [known.entities.all[e].name for i in speaker.joint if (e := known.entities.of_mention[i]) is not None]
        name = ", ".join(names[:-1]) + " and " + names[-1]
        categories = {known.mentions[i].category for i in speaker.joint}
        category = "government" if categories <= {"place", "government"} else "group"
        return Antecedent(None, name, category, None, True, 0.8, "named together")
    mention = speaker.own if speaker.head is None else known.mentions[speaker.head]
    if mention is None:
        return Antecedent(
            None, speaker.phrase, _phrase_category(speaker.phrase), None, is_plural(speaker.phrase), 0.5, "as written"
        )
    if mention.kind == "name":
        return _named(known, speaker, mention)
    return _nominal(known, speaker, mention, before)


def _possessed(known: _Text, pronoun: str, rest: str, span: Span, before: int) -> Antecedent:
    """Somebody or something of a possessor: "its foreign ministry" under the name of its country."""
    sentence = bisect_right(known.sentence_starts, span.start) - 1
    owner = resolve_pronoun(pronoun, sentence, before, known.mentions, known.entities, known.said, possessive=True)
    category = _phrase_category(rest)
    plural = is_plural(rest)
    gender = gender_of((), fold(rest).split())
    unsure = owner is not None and owner.category == "unknown" and owner.confidence < _LEAST_FOR_UNKNOWN
    if owner is None or unsure or owner.confidence < _LEAST_CONFIDENCE:
        return Antecedent(None, rest, category, gender, plural, 0.45, "as written")
    if is_issued(rest):
        return _again_with(owner, 0.9 * owner.confidence, f"{owner.reason}, whose words these are")
    name = possessed_name(owner.name, rest, plural=owner.plural, curly="’" in known.text)
    return Antecedent(None, name, category, gender, plural, 0.9 * owner.confidence, f"of {owner.reason}")


def _pronoun(known: _Text, speaker: Speaker, span: Span, before: int) -> Antecedent | None:
    if speaker.pronoun == "I":
        said = next((s for quote, s in reversed(known.quotes) if quote.start <= span.start), None)
        return None if said is None else _again(said, 0.6, "speaker of the quote")
    if speaker.pronoun == "who":
        for i in range(before - 1, max(-1, before - 4), -1):
            mention = known.mentions[i]
            if mention.modifier or mention.possessive or mention.category == "place":
                continue
            return _of_mention(known, i, 0.8, "who: the noun before")
        return None
    sentence = bisect_right(known.sentence_starts, span.start) - 1
    return resolve_pronoun(speaker.pronoun, sentence, before, known.mentions, known.entities, known.said)


def _again(said: Said, confidence: float, reason: str) -> Antecedent:
    return Antecedent(said.entity, said.name, said.category, said.gender, said.plural, confidence, reason)


def _of_mention(known: _Text, i: int, confidence: float, reason: str) -> Antecedent:
    mention, number = known.mentions[i], known.entities.of_mention[i]
    if number is None:
        return Antecedent(None, mention.text, mention.category, mention.gender, mention.plural, confidence, reason)
    entity = known.entities.all[number]
    return Antecedent(number, entity.name, entity.category, entity.gender, False, confidence, reason)


def _named(known: _Text, speaker: Speaker, mention: Mention) -> Antecedent:
    if speaker.head is None:
        plural = fold(mention.text) in gazetteer().demonyms
        return Antecedent(None, mention.text, mention.category, mention.gender, plural, 0.7, "as written")
    found = _of_mention(known, speaker.head, 0.95, "named")
    if speaker.head in known.entities.doubtful:
        return _again_with(found, 0.7, "surname of two; the nearer")
    if found.name != mention.text:
        return _again_with(found, 0.93, f"short for {found.name}")
    return found


def _again_with(found: Antecedent, confidence: float, reason: str) -> Antecedent:
    return Antecedent(found.entity, found.name, found.category, found.gender, found.plural, confidence, reason)


def _nominal(known: _Text, speaker: Speaker, mention: Mention, before: int) -> Antecedent | None:
    if mention.keys[-1] in _PAPERS:
        return _issuer(known, mention)
    named = _bears_name(known, mention)
    if named is not None:
        return named
    if mention.definite:
        found = resolve_nominal(mention, before, known.mentions, known.entities, known.said)
        if found is not None:
            return found
        if len(mention.keys) == 1 and speaker.phrase.casefold() == mention.text.casefold() and not mention.plural:
            return None
    gender: Gender | None = mention.gender
    category = mention.category
    return Antecedent(None, speaker.phrase, category, gender, mention.plural, 0.75, "unnamed")


_PAPERS = frozenset(["statement", "report", "communique", "communiqué"])


def _bears_name(known: _Text, mention: Mention) -> Antecedent | None:
    """The body whose name a vague head follows: "the SANA news agency", "the Islamic State group"."""
    if mention.keys[-1] not in common_words().any_body or mention.plural:
        return None
    first = max(0, bisect_left(known.starts, mention.span.start) - 2)
    for i in reversed(range(first, bisect_left(known.starts, mention.span.end))):
        other = known.mentions[i]
        beside = other.span.end >= mention.span.start - 1
        if (
            beside
            and other.kind == "name"
            and not other.possessive
            and _kind_of(known, i) in ("organisation", "armed_group")
            and fold(other.text) not in gazetteer().modifiers
        ):
            return _of_mention(known, i, 0.85, f"named {mention.keys[-1]}")
    return None


def _kind_of(known: _Text, i: int) -> str:
    """What kind of thing a mention's whole entity is."""
    number = known.entities.of_mention[i]
    return known.mentions[i].category if number is None else known.entities.all[number].category


def _issuer(known: _Text, mention: Mention) -> Antecedent | None:
    """Whose statement speaks: "a White House statement", else the body that spoke last."""
    for i in range(bisect_left(known.starts, mention.span.start), bisect_left(known.starts, mention.span.end)):
        if known.mentions[i].kind == "name":
            return _of_mention(known, i, 0.85, f"its {mention.keys[-1]}")
    last = known.said[-1] if known.said else None
    if last is None or last.category in ("group", "unknown"):
        return None
    # "a report said" brings in somebody else, "X said in a statement" does not
    return _again(last, 0.5, "previous speaker") if mention.definite or mention.keys[-1] != "report" else None


def _phrase_category(phrase: str) -> str:
    head = head_noun(phrase)
    if gazetteer().is_people_noun(head):
        return "group"
    return body_category(head) or ("person" if gazetteer().is_person_noun(head) else "unknown")
