"""The JSON object of a reading."""

import json

import pytest
from fakes import TEXT, FakeModel, stance_of
from hostile import hostile_text
from hypothesis import given, settings
from hypothesis import strategies as st

from quotestance.model.types import Article, Reading, Span, Stance, Statement, Target
from quotestance.service.json_text import json_line
from quotestance.service.reading_json import reading_json, stance_json


def fake_reading(article: Article) -> Reading:
    (reading,) = FakeModel().read_many([article])
    assert isinstance(reading, Reading)
    return reading


def test_the_contract_fields_of_a_statement_and_an_actor():
    result = reading_json(fake_reading(Article("a1", TEXT, url="https://news.example/1")))
    assert list(result) == ["id", "url", "target", "statements", "actors", "model", "truncated"]
    assert result["target"] == {"text": "the strike", "source": "found"}
    assert result["statements"][0] == {
        "quote": "We support the strike.",
        "start": 17,
        "end": 39,
        "speaker": "Dora Lind",
        "speaker_start": 0,
        "speaker_end": 9,
        "cue": "said",
        "cue_start": 10,
        "cue_end": 14,
        "kind": "direct",
        "actor": "Dora Lind",
        "actor_type": "person",
        "resolved": True,
        "stance": "supportive",
        "probabilities": {"supportive": 0.9124, "neutral": 0.05, "condemning": 0.0376},
        "score": 0.8748,
        "confidence": 0.9124,
        "abstained": False,
    }
    assert result["actors"][0] == {
        "actor": "Dora Lind",
        "actor_type": "person",
        "stance": "supportive",
        "score": 0.8748,
        "confidence": 0.9124,
        "abstained": False,
        "statements": [0],
    }


def test_without_target_speaker_and_actor_the_fields_are_null():
    statement = Statement("It hit.", Span(1, 8), None, None, "", None, "direct", None, False)
    result = reading_json(Reading(Article("a", '"It hit."'), (), (statement,), (), "m", True, ("odd",)))
    assert result["target"] is None
    assert (result["truncated"], result["warnings"]) == (True, ["odd"])
    fields = result["statements"][0]
    nulls = {"speaker", "speaker_start", "speaker_end", "cue_start", "cue_end", "actor", "actor_type"}
    nulls |= {"stance", "probabilities", "score", "confidence", "abstained"}
    assert {key for key, value in fields.items() if value is None} == nulls
    assert fields["cue"] == ""


def test_targets_and_stances_that_do_not_match_are_a_bug_and_say_so():
    reading = fake_reading(Article("a", TEXT))
    twice = Reading(reading.article, (Target("A"), Target("B")), reading.statements, (), "m")
    with pytest.raises(ValueError, match="zip"):
        reading_json(twice)


@settings(deadline=None)  # a busy machine is not a failure
@given(st.tuples(*[st.floats(1e-9, 1)] * 3))
def test_rounded_probabilities_sum_to_one_and_agree_with_score_and_confidence(weights):
    supportive, neutral, condemning = (weight / sum(weights) for weight in weights)
    stance = Stance("neutral", {"supportive": supportive, "neutral": neutral, "condemning": condemning}, False)
    result = stance_json(stance)
    values = result["probabilities"]
    assert sum(values.values()) == pytest.approx(1, abs=1e-9)
    assert all(abs(values[label] - stance.probabilities[label]) < 2e-4 for label in values)
    assert all(0 <= value <= 1 and round(value, 4) == value for value in values.values())
    assert result["score"] == pytest.approx(values["supportive"] - values["condemning"], abs=1e-9)
    assert result["confidence"] == max(values.values())


@settings(deadline=None)  # a busy machine is not a failure
@given(hostile_text)
def test_a_json_line_is_one_line_of_valid_utf8_for_any_text(text):
    line = json_line({"text": text})
    assert line.count(b"\n") == 1
    assert json.loads(line.decode("utf-8")) == {"text": text}


def test_a_json_line_stays_readable_where_it_can():
    assert json_line({"a": "Zürich “ja”"}) == '{"a": "Zürich “ja”"}\n'.encode()
    assert json_line({"a": "ü\ud800"}) == b'{"a": "\\u00fc\\ud800"}\n'


def test_the_fake_abstains_where_its_stance_is_unsure():
    assert stance_json(stance_of("At noon."))["abstained"] is True
