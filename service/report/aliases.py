"""The alias file of a report: which names are one actor, an alias of an alias too."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from quotestance.model.errors import InputError


@dataclass(frozen=True, slots=True)
class Actor:
    """Whom a name stands for: `key` is by what the report tells names apart, `name` how the file writes it."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class _Pair:
    line: int
    alias: str
    actor: Actor


def read_aliases(path: Path, name_key: Callable[[str], str], countries: Mapping[str, str]) -> dict[str, Actor]:
    """The actor of each name in the CSV file, by the name's key; an actor stands for itself.

    `countries` has the key of a country's name for that of each of its forms, which are one name here. A form that the
    file holds is found by its own key too, for actors of other types than governments: of those it is a name like any.
    Raises InputError where it is no such file, where one alias has two actors, and where aliases lead in a circle.
    """
    pairs: dict[str, _Pair] = {}
    actors: dict[str, Actor] = {}  # of several spellings, the first
    keys: dict[str, str] = {}  # with a country's name for its forms
    for line, alias, name in _rows(path):
        alias_key, key = (keys.setdefault(own, countries.get(own, own)) for own in map(name_key, (alias, name)))
        actor = actors.setdefault(key, Actor(key, name))
        before = pairs.setdefault(alias_key, _Pair(line, alias, actor))
        if before.actor.key != actor.key:
            raise InputError(
                f"{path}, lines {before.line} and {line}: {alias!r} has two actors, {before.actor.name!r} and {name!r}"
            )
    ends = [_end(path, pairs, key) for key in pairs]
    found = dict(zip(pairs, ends, strict=True)) | {actor.key: actor for actor in ends}
    return found | {own: found[key] for own, key in keys.items()}


def _end(path: Path, pairs: Mapping[str, _Pair], alias: str) -> Actor:
    """The actor that a chain of aliases ends at."""
    chain = [pairs[alias]]
    passed = [alias]
    while (actor := chain[-1].actor).key in pairs and actor.key != passed[-1]:
        if actor.key in passed:
            circle = chain[passed.index(actor.key) :]
            lines = " and ".join(map(str, sorted(pair.line for pair in circle)))
            raise InputError(f"{path}, lines {lines}: the aliases lead in a circle, through {circle[0].alias!r}")
        chain.append(pairs[actor.key])
        passed.append(actor.key)
    return actor


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line, alias and actor of each row; the file's first line is `alias,actor`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if not {"alias", "actor"} <= set(rows.fieldnames or ()):
                raise InputError(f"{path}: its first line must be `alias,actor`")
            for row in rows:
                if None in row:  # where DictReader puts the cells beyond the first line's
                    more = "more cells than the first line: put a name that has a comma into double quotes"
                    raise InputError(f"{path}, line {rows.line_num}: {more}")
                alias, actor = (row["alias"] or "").strip(), (row["actor"] or "").strip()
                if not alias or not actor:
                    raise InputError(f"{path}, line {rows.line_num}: an alias and an actor, with a comma between")
                yield rows.line_num, alias, actor
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a CSV file in UTF-8: {error}") from None
