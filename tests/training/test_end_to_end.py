"""Nothing given but the article: each actor found counts once, for the labelled actor that it is."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

import pytest

from quotestance.model.pipeline import Model
from quotestance.model.types import Actor, ActorStance, Article, Reading, Span, Stance, StanceLabel
from quotestance.training.end_to_end import end_to_end
from quotestance.training.labels import LabelledArticle, LabelledStatement
from quotestance.training.reader_metrics import same_actor

STRIKE = "the raid on Halle"


class Finds:
    """A model that finds these actors in every article."""

    def __init__(self, stances: dict[str, StanceLabel]) -> None:
        self._actors = tuple(
            ActorStance(Actor(name, "government"), (Stance(label, {label: 1.0}, False),), (0,))
            for name, label in stances.items()
        )

    def read_many(self, articles: Iterable[Article]) -> Iterator[Reading]:
        return (Reading(article, (), (), self._actors, "stand-in") for article in articles)


def labelled(stances: dict[str, StanceLabel]) -> LabelledArticle:
    statements = tuple(
        LabelledStatement("a", "Text.", Span(0, 4), None, None, None, actor, None, STRIKE, stance)
        for actor, stance in stances.items()
    )
    return LabelledArticle("a", "Text.", "", "", "", STRIKE, statements)


def figures(found: dict[str, StanceLabel], wanted: dict[str, StanceLabel]) -> dict[str, Any]:
    return end_to_end(cast("Model", Finds(found)), [labelled(wanted)])


RUSSIA, IRAN = "Russian foreign ministry", "Iranian foreign ministry"


def test_an_actor_found_counts_for_one_labelled_actor() -> None:
    result = figures({RUSSIA: "condemning"}, {IRAN: "condemning", RUSSIA: "condemning"})
    assert (result["precision"], result["recall"], result["f1"]) == (1.0, 0.5, pytest.approx(2 / 3))


def test_its_own_name_comes_before_one_that_is_like_it() -> None:
    both: dict[str, StanceLabel] = {RUSSIA: "supportive", IRAN: "condemning"}
    result = figures(both, dict(reversed(both.items())))
    assert (result["f1"], result["opposite"]) == (1.0, 0)


def test_the_opposite_stance_is_counted_as_such_and_as_wrong() -> None:
    result = figures({"Minister Brandt": "supportive", "Olu": "neutral"}, {"Ana Brandt": "condemning"})
    assert (result["f1"], result["opposite"]) == (0.0, 1)


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("Élise Brandt", "the minister Brandt's", True),
        ("Ministry of Defence", "the ministry", True),
        ("Halle", "mayor of Halle", True),
        ("Halle", "Norvania", False),
        ("", "Norvania", False),
    ],
)
def test_names_are_the_same_by_head_or_surname(ours: str, theirs: str, same: bool) -> None:
    assert same_actor(ours, theirs) is same
    assert same_actor(theirs, ours) is same
