"""What an annotator leaves empty is filled in; what one took away stays away."""

from dataclasses import replace
from typing import Any

import pytest

from quotestance.model.types import Span
from quotestance.training.labelling.marked import ATTRIBUTES, marked_statement, merged
from quotestance.training.labels import article_of

TEXT = "The raid on Halle was over by dawn. “It was high time,” said harbour master Signe Dahl."
QUOTE = "It was high time"


def span(words: str) -> Span:
    return Span(TEXT.index(words), TEXT.index(words) + len(words))


@pytest.fixture
def line() -> dict[str, Any]:
    """An article with a statement of a model's, without speaker and actor."""
    quote = {"quote": QUOTE, "quote_span": list(span(QUOTE)), "actor": None, "strike": "S1", "stance": "supportive"}
    strike = {"id": "S1", "description": "the raid on Halle", "attacker": "", "main": True}
    return {"doc_id": "a", "text": TEXT, "strikes": [strike], "statements": [quote]}


def test_an_actor_left_empty_is_the_speaker_s_words(line: dict[str, Any]) -> None:
    was = marked_statement(line["statements"][0], TEXT, 0, ATTRIBUTES)
    now = replace(was, speaker=span("Signe Dahl"), cue=span("said"))
    (statement,) = article_of(merged(line, [now], ATTRIBUTES))[0].statements
    assert (statement.actor, statement.kind) == ("Signe Dahl", "direct")


def test_an_actor_that_was_taken_away_does_not_come_back(line: dict[str, Any]) -> None:
    speaker = {"speaker": "Signe Dahl", "speaker_span": list(span("Signe Dahl"))}
    line["statements"][0] |= {**speaker, "actor": "Sweden", "kind": "direct"}
    was = marked_statement(line["statements"][0], TEXT, 0, ATTRIBUTES)
    assert merged(line, [was], ATTRIBUTES) == line
    without = {name: value for name, value in was.attributes.items() if name != "actor"}
    (statement,) = article_of(merged(line, [replace(was, attributes=without)], ATTRIBUTES))[0].statements
    assert statement.actor == "Signe Dahl"
