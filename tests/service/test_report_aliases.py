"""The alias file of a report: chains are followed to their end, and what contradicts itself is refused."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from quotestance.model.errors import InputError
from quotestance.service.report.aliases import Actor, read_aliases
from quotestance.service.report.build import findings
from quotestance.service.report.options import ReportOptions
from quotestance.service.report.scored_files import scored_files

NAMES = tuple((name, "person") for name in ("Joe Biden", "Biden", "POTUS"))


def counted(folder: Path, aliases: str, names: Iterable[tuple[str, str]] = NAMES) -> dict[str, int]:
    """How many statements each actor of an archive has in which each of the names, with its type, says one thing."""
    stance = {"stance": "supportive", "score": 0.8, "confidence": 0.9, "abstained": False}
    stance["probabilities"] = {"supportive": 0.9, "neutral": 0.0, "condemning": 0.1}
    said = [
        {"quote": f"Number {i}", "start": i, "end": i + 8, "actor": name, "actor_type": kind, **stance}
        for i, (name, kind) in enumerate(names)
    ]
    target = {"text": "the raid", "source": "given"}
    (folder / "scored.jsonl").write_text(json.dumps({"id": "a", "target": target, "statements": said}) + "\n")
    (folder / "aliases.csv").write_text("alias,actor\n" + aliases)
    options = ReportOptions(min_statements=1, aliases=folder / "aliases.csv")
    found = findings(scored_files(folder / "scored.jsonl", folder), options, folder)
    return {group.name: group.counted for group in found.actors.shown}


@pytest.mark.parametrize(
    "aliases",
    [
        "Biden,Joe Biden\nPOTUS,Biden\n",
        "POTUS,Biden\nBiden,Joe Biden\n",
        "POTUS,Biden\nBiden,Joe Biden\nJoe Biden,Joe Biden\n",
        "biden,Joe Biden\nBIDEN,joe biden\nPotus,the Biden\n",
    ],
)
def test_an_alias_of_an_alias_is_followed_to_its_end(tmp_path, aliases):
    assert counted(tmp_path, aliases) == {"Joe Biden": 3}


def test_an_actor_that_no_article_names(tmp_path):
    assert counted(tmp_path, "POTUS,The President\n") == {"Biden": 1, "Joe Biden": 1, "The President": 1}


@pytest.mark.parametrize(
    ("aliases", "said"),
    [
        ("x,y\nBiden,Joe Biden\nbiden,Hunter Biden\n", "lines 3 and 4: 'biden' has two actors, 'Joe Biden' and 'Hunt"),
        ("a,b\nx,y\nb,c\nc,a\n", "lines 2 and 4 and 5: the aliases lead in a circle, through 'a'"),
        ("d,b\na,b\nb,a\n", "lines 3 and 4: the aliases lead in a circle, through 'b'"),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_lines(tmp_path, aliases, said):
    with pytest.raises(InputError, match=said):
        counted(tmp_path, aliases)


def test_a_long_chain(tmp_path):
    lines = "".join(f"n{i},n{i + 1}\n" for i in range(500))
    (tmp_path / "aliases.csv").write_text("alias,actor\n" + lines)
    assert set(read_aliases(tmp_path / "aliases.csv", str.lower, {}).values()) == {Actor("n500", "n500")}


def governments(*names: str) -> list[tuple[str, str]]:
    return [(name, "government") for name in names]


def test_the_forms_of_a_countrys_name_are_one_government(tmp_path):
    names = [*governments("United Kingdom", "Britain", "the U.K.", "United Kingdom", "England"), ("Britain", "person")]
    assert counted(tmp_path, "", names) == {"United Kingdom": 4, "England": 1, "Britain": 1}


def test_an_alias_leads_to_a_country_in_whatever_form(tmp_path):
    names = governments("United States", "Washington", "United States", "Paris")
    assert counted(tmp_path, "Washington,US\n", names) == {"US": 3, "Paris": 1}
    assert counted(tmp_path, "US,United States\n", names) == {"United States": 2, "Washington": 1, "Paris": 1}
    assert counted(tmp_path, "America,The Allies\nParis,The Allies\n", names) == {"The Allies": 3, "Washington": 1}


def test_an_alias_that_is_a_countrys_name_too_holds_for_every_type_as_it_is_written(tmp_path):
    names = [("America", "person"), ("US", "organisation"), *governments("UK")]
    assert counted(tmp_path, "America,Ana America\nAna America,Ana Ruiz\n", names) == {
        "Ana Ruiz": 1,
        "US": 1,
        "UK": 1,
    }


def test_forms_of_one_country_with_two_actors_are_refused(tmp_path):
    with pytest.raises(InputError, match="lines 2 and 3: 'United States' has two actors, 'The Allies' and 'The West'"):
        counted(tmp_path, "US,The Allies\nUnited States,The West\n")
