"""The named actors of a text: all mentions of one name brought together under its fullest form."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from quotestance.model.class_nouns import is_class_noun
from quotestance.model.gazetteer import gazetteer
from quotestance.model.mentions import Mention
from quotestance.model.names import Gender, initials, is_short_for, same_given_name
from quotestance.model.words import fold

_PERSONAL = ("person", "unknown")
_BODIES = ("government", "armed_group", "organisation")
# Abbreviated titles as the role they stand for.
_ROLE_OF = {
    "sen": "senator",
    "rep": "representative",
    "gov": "governor",
    "gen": "general",
    "col": "colonel",
    "adm": "admiral",
    "lt": "lieutenant",
    "capt": "captain",
    "maj": "major",
    "sgt": "sergeant",
    "congressman": "representative",
}
# A name that many others could be short for is compared with this many of them at most, to stay linear.
_MOST_RIVALS = 24


@dataclass(frozen=True, slots=True)
class Entity:
    """One named thing. `name` is its fullest form in the text, `roles` every title and apposition word it bears."""

    id: int
    name: str
    keys: tuple[str, ...]
    category: str
    gender: Gender | None
    roles: frozenset[str]
    count: int


@dataclass(frozen=True, slots=True)
class Entities:
    """The entities of a text; `of_mention[i]` is the entity of mention `i`, None for nominals.

    `doubtful` holds the mentions whose name two entities share.
    """

    all: tuple[Entity, ...]
    of_mention: tuple[int | None, ...]
    doubtful: frozenset[int]


@dataclass(slots=True)
class _Form:
    """One spelling of a name (its keys) with what its mentions say about it."""

    keys: tuple[str, ...]
    text: str
    category: str
    gender: Gender | None
    mentions: list[int]
    roles: set[str]
    definite: int
    called: Counter[str]


def cluster(mentions: Sequence[Mention]) -> Entities:
    """Brings the name mentions together, longest forms first; linear in the number of mentions."""
    forms = _forms(mentions)
    heads: list[_Form] = []
    members: list[list[_Form]] = []
    by_key: dict[str, list[int]] = defaultdict(list)
    by_alias: dict[str, int] = {}
    by_initials: dict[str, int] = {}
    homes: dict[tuple[str, ...], list[int]] = {}
    for form in sorted(forms.values(), key=lambda f: (-len(f.keys), f.mentions[0])):
        alias = gazetteer().aliases.get(fold(form.text))
        options = [by_alias[alias]] if alias in by_alias and alias is not None else []
        if not options and form.text.isupper() and len(form.keys) == 1 and form.keys[0] in by_initials:
            options = [by_initials[form.keys[0]]]
        if not options and form.category != "place":
            rivals = by_key[form.keys[-1]][:_MOST_RIVALS]
            rivals += [r for r in by_key[form.keys[0]][:_MOST_RIVALS] if r not in rivals]
            options = [r for r in rivals if _may_be(form, heads[r])]
            exact = [r for r in options if heads[r].keys[-1] == form.keys[-1]]
            options = exact or options
        if not options:
            options = [len(heads)]
            heads.append(form)
            members.append([])
            for key in dict.fromkeys(form.keys) if form.category in _BODIES else (form.keys[0], form.keys[-1]):
                if not by_key[key] or by_key[key][-1] != options[0]:
                    by_key[key].append(options[0])
            if alias is not None:
                by_alias[alias] = options[0]
            if len(form.keys) > 1 and form.category != "place":
                for letters in initials(form.text):
                    by_initials.setdefault(letters, options[0])
        homes[form.keys] = options
        if len(options) == 1:
            members[options[0]].append(form)
    return _assign(mentions, heads, members, homes)


def _forms(mentions: Sequence[Mention]) -> dict[tuple[str, ...], _Form]:
    forms: dict[tuple[str, ...], _Form] = {}
    categories: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    genders: dict[tuple[str, ...], Counter[Gender]] = defaultdict(Counter)
    for i, mention in enumerate(mentions):
        if mention.kind != "name":
            continue
        form = forms.get(mention.keys)
        if form is None:
            form = _Form(mention.keys, mention.text, mention.category, None, [], set(), 0, Counter())
            forms[mention.keys] = form
        form.mentions.append(i)
        form.roles.update(_ROLE_OF.get(word, word) for word in mention.role)
        form.definite += mention.definite
        form.called[mention.called] += 1
        if form.text.isupper() and not mention.text.isupper():
            form.text = mention.text
        if mention.category != "unknown":
            categories[mention.keys][mention.category] += 1
        if mention.gender:
            genders[mention.keys][mention.gender] += 1
    for keys, counted in categories.items():
        forms[keys].category = counted.most_common(1)[0][0]
    for keys, sexes in genders.items():
        ranked = sexes.most_common(2)
        # "Mr. Lund" and "Mrs. Lund" share a form, which then has no gender of its own.
        forms[keys].gender = ranked[0][0] if len(ranked) == 1 or ranked[0][1] > 3 * ranked[1][1] else None
    return forms


def _by_company(forms: Sequence[_Form]) -> str:
    """The category of a name of no known kind, by what the words beside its mentions call it."""
    lists = gazetteer()
    titled = any(lists.is_person_noun(word) or word in lists.before_name for form in forms for word in form.roles)
    if titled or any(form.gender for form in forms):
        return "unknown"
    counted = Counter[str]()
    for form in forms:
        counted.update(form.called)
    if counted["armed_group"]:
        return "armed_group"
    if counted["organisation"]:
        return "organisation"
    return "place" if 2 * counted["place"] > counted.total() else "unknown"


def _may_be(short: _Form, full: _Form) -> bool:
    """Whether `short` can be a form of the longer name `full`."""
    if full.category == "place" or short.keys == full.keys:
        return False
    if short.gender and full.gender and short.gender != full.gender:
        return False
    if short.category in _PERSONAL and full.category in _PERSONAL:
        if len(short.keys) == 1:
            # "Obama" is no first name of "Obama Doctrine": a first name alone is rarer than the whole name.
            return short.keys[0] == full.keys[-1] or (
                short.keys[0] == full.keys[0]
                and (full.category == "person" or len(short.mentions) <= len(full.mentions))
            )
        if is_short_for(short.keys, full.keys):
            return True
        return short.keys[-1] == full.keys[-1] and same_given_name(short.keys[0], full.keys[0])
    if full.category not in _BODIES or short.category == "person":
        return False
    if short.keys == full.keys[:-1] and is_class_noun(full.keys[-1]) and not short.roles:
        return True  # "Varda" and "the Varda Movement"
    lists = gazetteer()
    if fold(short.text) in lists.armed_names or fold(short.text) in lists.government_names:
        return False  # a whole name: "Hezbollah" is not "Kataeb Hezbollah"
    if short.category in _BODIES:
        return is_short_for(short.keys, full.keys) or (len(short.keys) == 1 and short.keys[0] in full.keys)
    return short.definite > 0 and not short.roles and is_short_for(short.keys, full.keys)


def _assign(
    mentions: Sequence[Mention],
    heads: Sequence[_Form],
    members: Sequence[Sequence[_Form]],
    homes: dict[tuple[str, ...], list[int]],
) -> Entities:
    of_mention: list[int | None] = [None] * len(mentions)
    seen: dict[int, int] = {}
    doubtful: set[int] = set()
    for i, mention in enumerate(mentions):
        if mention.kind != "name":
            continue
        options = homes[mention.keys]
        fit = options
        if len(options) > 1:
            fit = [o for o in options if not (mention.gender and heads[o].gender and mention.gender != heads[o].gender)]
            fit = fit or options
            if mention.role:
                fit = [o for o in fit if set(mention.role) & heads[o].roles] or fit
            if len(fit) > 1:
                doubtful.add(i)
        choice = max(fit, key=lambda o: (seen.get(o, -1), -heads[o].mentions[0]))
        seen[choice] = i
        of_mention[i] = choice
    counts = Counter(e for e in of_mention if e is not None)
    entities = []
    for number, head in enumerate(heads):
        forms = members[number]
        category = next((f.category for f in [head, *forms] if f.category != "unknown"), "unknown")
        if category == "unknown":
            category = _by_company([head, *forms] if head not in forms else forms)
        if (
            category == "unknown"
            and 2 * sum(f.definite for f in forms) > counts[number]
            and not any(f.roles for f in forms)
        ):
            category = "organisation"  # "the Hashed": people take no article
        gender = next((f.gender for f in [head, *forms] if f.gender), None)
        roles = frozenset(word for form in forms for word in form.roles)
        entities.append(Entity(number, head.text, head.keys, category, gender, roles, counts[number]))
    return Entities(tuple(entities), tuple(of_mention), frozenset(doubtful))
