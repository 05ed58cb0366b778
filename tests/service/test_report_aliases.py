"""The alias file of a report: chains are followed to their end, and what contradicts itself is refused."""

import json
from pathlib import Path

import pytest

from quotestance.model.errors import InputError
from quotestance.service.report.aliases import Actor, read_aliases
from quotestance.service.report.build import findings
from quotestance.service.report.options import ReportOptions
from quotestance.service.report.scored_files import scored_files

NAMES = ("Joe Biden", "Biden", "POTUS")


def counted(folder: Path, aliases: str) -> dict[str, int]:
    """How many statements each actor of an archive has in which each of NAMES says one thing."""
    stance = {"stance": "supportive", "score": 0.8, "confidence": 0.9, "abstained": False}
    stance["probabilities"] = {"supportive": 0.9, "neutral": 0.0, "condemning": 0.1}
    said = [
        {"quote": f"Number {i}", "start": i, "end": i + 8, "actor": name, "actor_type": "person", **stance}
        for i, name in enumerate(NAMES)
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
    assert set(read_aliases(tmp_path / "aliases.csv", str.lower).values()) == {Actor("n500", "n500")}
