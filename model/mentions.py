"""Finds who could speak in a text: names, and nominals such as "a senior official" or "the ministry"."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from quotestance.model.class_nouns import Called, called
from quotestance.model.common_words import common_words
from quotestance.model.document import Document
from quotestance.model.gazetteer import gazetteer
from quotestance.model.name_repair import after_bearer, known_body, person_after_body, unpunctuated
from quotestance.model.name_spans import (
    PARTY_TAG,
    is_country_of,
    is_plain_adjective,
    modifies,
    name_end,
    opens,
    past_glued,
    role_left,
    role_right,
    starts_name,
)
from quotestance.model.names import Category, Gender, body_category, category_of, gender_of, name_keys, split_title
from quotestance.model.quotation import find_quotes, outermost
from quotestance.model.types import Span
from quotestance.model.words import Word, words_of


@dataclass(frozen=True, slots=True)
class Mention:
    """One name or nominal of the text.

    `span` leaves out titles, articles and a possessive ending; `keys` are its words for comparison; `role` holds
    the title or apposition in lower case; `lead` says it opens its sentence, `modifier` that a noun follows which it
    modifies ("Pentagon official"), `definite` that a nominal has "the", `called` what the words beside a name call it.
    """

    span: Span
    text: str
    keys: tuple[str, ...]
    kind: Literal["name", "nominal"]
    category: Category | Literal["group"]
    gender: Gender | None
    plural: bool
    role: tuple[str, ...]
    lead: bool
    possessive: bool
    modifier: bool
    oblique: bool
    quoted: bool
    definite: bool
    called: Called
    sentence: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a sentence stands: its number, its paragraph's, and the text's quoted ranges."""

    text: str
    sentence: int
    paragraph: int
    quoted: tuple[list[int], list[int]]

    def is_quoted(self, at: int) -> bool:
        starts, ends = self.quoted
        i = bisect_right(starts, at) - 1
        return i >= 0 and at < ends[i]


def find_mentions(document: Document) -> list[Mention]:
    """Every name and nominal in the body, in text order."""
    text = document.text
    quoted: tuple[list[int], list[int]] = ([], [])
    for paragraph in document.body:
        for quote in outermost(find_quotes(text, paragraph.span)):
            quoted[0].append(quote.outer.start)
            quoted[1].append(quote.outer.end)
    sentences = [(p, s) for p, paragraph in enumerate(document.paragraphs) for s in paragraph.sentences]
    cut = [words_of(text, *span) for _, span in sentences]
    inside = {w.low for words in cut for i, w in enumerate(words) if w.is_capital and not opens(words, i)}
    lower = {w.low for words in cut for w in words if w.text[0].islower()}
    doubtful = lower - inside
    found: list[Mention] = []
    for number, ((paragraph_number, _), words) in enumerate(zip(sentences, cut, strict=True)):
        found += _mentions_of(words, doubtful, _Place(text, number, paragraph_number, quoted))
    return found


def mentions_in(text: str, span: Span) -> list[Mention]:
    """The names and nominals of one range of text read on its own, without its surroundings."""
    return _mentions_of(words_of(text, *span), set(), _Place(text, 0, 0, ([], [])))


def _mentions_of(words: Sequence[Word], doubtful: set[str], place: _Place) -> list[Mention]:
    found: list[Mention] = []
    i = 0
    while i < len(words):
        if starts_name(words, i, doubtful):
            end = name_end(words, i)
            mention = _name(words, i, end, place, lead=not any(_is_subject(m) for m in found))
            if mention is not None:
                found.append(mention)
            else:
                nominal = _nominal(words, end - 1, place, lead=not any(_is_subject(m) for m in found))
                if nominal is not None:
                    found.append(nominal)
            i = past_glued(words, end)
            continue
        nominal = _nominal(words, i, place, lead=not any(_is_subject(m) for m in found))
        if nominal is not None:
            if found and found[-1].kind == "nominal" and nominal.span.overlaps(found[-1].span):
                found.pop()
            found.append(nominal)
        i += 1
    # A nominal may begin before the name inside it ("a senior Pentagon official").
    return sorted(found, key=lambda m: m.span)


def _is_subject(mention: Mention) -> bool:
    """Whether a mention could have been the subject of its sentence."""
    people = mention.kind == "name" or mention.category in ("person", "group")
    return people and not (mention.oblique or mention.possessive or mention.modifier)


def _name(words: Sequence[Word], start: int, end: int, place: _Place, *, lead: bool) -> Mention | None:
    """The name in `words[start:end]`, or None where the run is a bare role."""
    lists = gazetteer()
    run = words[start:end]
    whole = " ".join(w.low for w in run)
    head = next((i for i, w in enumerate(run) if w.low in ("of", "for", "on", "and")), len(run)) - 1
    body = body_category(run[max(head, 0)].low) or (body_category(run[-1].low) if len(run) > 1 else None)
    offset, settled = (0, False)
    known = whole in lists.organisation_names or whole in lists.government_names or whole in lists.armed_names
    if not known and (body is None or run[0].low in lists.settling):
        offset, settled = split_title(run)
        if body is not None and offset == len(run) - 1:
            offset, settled = 0, False  # "Justice Department"
    if offset == len(run):
        return None
    name = run[offset:]
    category = category_of(name, settled)
    if offset == 0 and category in ("unknown", "person", "place") and start and len(name) > 1:
        offset = unpunctuated(words[start - 1], name)
        name, category = name[offset:], category_of(name[offset:], titled=False)
    if category == "unknown" and offset > 0:
        category = "person"
    if offset == 0 and (at := person_after_body(name)):
        offset, name, category = at, name[at:], "person"
    named = name[min(1, len(name) - 1)].low in lists.male_names | lists.female_names
    led = len(name) > 2 and (lists.country(name[0].low) or (named and name[0].low in lists.organisation_names))
    if offset == 0 and category in ("unknown", "person") and led and not lists.is_body_noun(name[-1].low):
        offset, name, category = 1, name[1:], category_of(name[1:], titled=False)
    if category == "unknown" and len(name) == 1 and is_country_of(name[0]):
        category = "place"
    broken = len(name) > 1 and is_country_of(name[0]) and not name[0].possessive
    if offset == 0 and len(name) > 1 and category in ("unknown", "person") and (broken or known_body(name)):
        offset, name, category = 1, name[1:], category_of(name[1:], titled=False)  # "VARDA Reuters"
    last = name[-1]
    stop = last.end - 2 if last.possessive and last.text[-2:-1] in "'’ʼ" else last.end
    begin = name[0].start
    if category in ("government", "organisation") and offset == 0 and start and is_country_of(words[start - 1]):
        begin = words[start - 1].start
    span = Span(begin, stop)
    text = place.text[span.start : span.end]
    role = tuple(w.low for w in run[:offset]) or role_left(words, start)
    role += role_right(words, end)
    keys = name_keys(text) or (text.casefold(),)
    if end + 1 < len(words) and PARTY_TAG.match(words[end + 1].text):
        role += ("republican" if words[end + 1].text[0] == "R" else "democrat",)
    following = words[end].low if end < len(words) else ""
    bears = last is not name[0] and after_bearer(words, start + offset, end) == end
    is_modifier = not (last.possessive or bears) and (
        lists.is_person_noun(following) or lists.is_people_noun(following) or lists.is_body_noun(following)
    )
    gender = gender_of(keys, role) if category in ("person", "unknown") else None
    before = words[start - 1].low if start else ""
    return Mention(
        span=span,
        text=text,
        keys=keys,
        kind="name",
        category=category,
        gender=gender,
        plural=False,
        role=role,
        lead=lead,
        possessive=last.possessive,
        modifier=is_modifier,
        oblique=before in common_words().oblique,
        quoted=place.is_quoted(span.start),
        definite=before == "the" and not is_modifier,
        called=called(words, start, end),
        sentence=place.sentence,
        paragraph=place.paragraph,
    )


def _nominal(words: Sequence[Word], i: int, place: _Place, *, lead: bool) -> Mention | None:
    """The nominal whose head noun is `words[i]`, with the modifiers to its left, or None."""
    lists = gazetteer()
    head = words[i]
    people = lists.is_people_noun(head.low)
    person = lists.is_person_noun(head.low)
    body = body_category(head.low)
    if not head.is_word or not (people or person or body):
        return None
    if i + 1 < len(words):
        following = words[i + 1]
        nouns = (
            lists.is_person_noun(following.low)
            or lists.is_people_noun(following.low)
            or following.low in lists.before_name
        )
        if nouns or (
            following.is_capital and following.low not in common_words().function and not head.possessive and not people
        ):
            return None
    first = i
    while first > 0 and i - first < 7 and modifies(words[first - 1]):
        first -= 1
    if (
        first > 1
        and is_plain_adjective(words[first - 1])
        and (words[first - 2].low in common_words().determiners or modifies(words[first - 2]))
    ):
        first -= 1
        while first > 0 and i - first < 7 and modifies(words[first - 1]):
            first -= 1
    while first < i and words[first].low in common_words().determiners:
        first += 1
    if first < i and not (first and words[first - 1].low in common_words().determiners):
        first = after_bearer(words, first, i)
    before = words[first - 1].low if first else ""
    stop = head.end - 2 if head.possessive else head.end
    span = Span(words[first].start, max(stop, words[first].start + 1))
    text = place.text[span.start : span.end]
    plural = people and not body
    category: Category | Literal["group"] = (
        "group" if people and not body else "person" if person and not body else body or "person"
    )
    if before not in common_words().determiners and first == i and not plural and not head.is_capital:
        return None
    outer = words[first - 2].low if first > 1 else ""
    role = tuple(w.low for w in words[first : i + 1])
    return Mention(
        span=span,
        text=text,
        keys=name_keys(text) or (text.casefold(),),
        kind="nominal",
        category=category,
        gender=gender_of((), role),
        plural=plural,
        role=role,
        lead=lead,
        possessive=head.possessive,
        modifier=False,
        oblique=(outer if before in common_words().determiners else before) in common_words().oblique,
        quoted=place.is_quoted(span.start),
        definite=before in ("the", "this", "that", "these", "those"),
        called="",
        sentence=place.sentence,
        paragraph=place.paragraph,
    )
