"""Exported corrections are labels: the training code's reader takes every line; and the command that writes them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="feedback needs the serve extra")
from feedback_serving import store_at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotestance.model.errors import InputError
from quotestance.model.types import ACTOR_TYPES, KINDS, STANCES
from quotestance.service.feedback.correction import Correction
from quotestance.service.feedback.label_lines import labels_of
from quotestance.service.feedback.location import feedback_location
from quotestance.service.feedback.times import parsed_time
from quotestance.service.json_text import json_line
from quotestance.training.labels import read_labels

TEXT = "Ines Holt called the raid a crime. Sudmark said it stood by the raid."
CORRECTIONS = [
    Correction(text=TEXT, target="the raid", actor="Ines Holt", stance="condemning", model="m1", quote_start=10,
               quote_end=33, speaker="Ines Holt", speaker_start=0, speaker_end=9, kind="indirect", certainty=2),
    Correction(text=TEXT, target="the siege", actor="Sudmark", stance="neutral", model="m1", quote_start=48,
               quote_end=68, speaker="Sudmark", speaker_start=35, speaker_end=42, cue="said", cue_start=43, cue_end=47),
    Correction(text="Oslo praised it.", target="the raid", actor="Oslo", stance="supportive", model="m2"),
]  # fmt: skip


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "feedback.sqlite"
    store = store_at(file)
    for correction in CORRECTIONS:
        store.add(correction)
    store.close()
    return file


def test_articles_are_read_as_labels_by_training(run, file, tmp_path):
    outcome = run("feedback", "export", "--database", str(file), "-o", "labels.jsonl")
    assert (outcome.status, outcome.err) == (0, "quotestance: 3 statements of 2 articles\n")
    labels = read_labels([tmp_path / "labels.jsonl"])
    assert labels.problems == ()
    assert [(s.actor, s.stance, s.target, s.certainty, s.quote.of(s.text)) for s in labels.statements] == [
        ("Ines Holt", "condemning", "the raid", 2, "called the raid a crime"),
        ("Sudmark", "neutral", "the siege", 3, "it stood by the raid"),
        ("Oslo", "supportive", "the raid", 3, "Oslo praised it."),
    ]
    first, second, _ = labels.statements
    assert (first.speaker.of(TEXT), first.cue, first.kind) == ("Ines Holt", None, "indirect")
    assert second.cue.of(TEXT) == "said"
    assert first.doc_id == second.doc_id


def test_rows_are_read_as_labels_by_training(run, file, tmp_path):
    assert run("feedback", "export", "--database", f"sqlite:///{file}", "-o", "r.jsonl", "--format", "rows").status == 0
    labels = read_labels([tmp_path / "r.jsonl"])
    assert labels.problems == ()
    assert [(s.actor, s.stance, s.target) for s in labels.statements] == [
        (c.actor, c.stance, c.target) for c in CORRECTIONS
    ]
    assert len({s.doc_id for s in labels.statements}) == 2


@st.composite
def corrections(draw):
    text = draw(st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip))
    name = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9).filter(str.strip)
    spans = {}
    for part in ("quote", "speaker", "cue"):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        if draw(st.booleans()):
            spans |= {f"{part}_start": start, f"{part}_end": end}
            spans |= {} if part == "quote" else {part: text[start:end]}
    return Correction(
        text=text, target=draw(name), actor=draw(name), stance=draw(st.sampled_from(STANCES)), model="m", **spans,
        kind=draw(st.none() | st.sampled_from(KINDS)), actor_type=draw(st.none() | st.sampled_from(ACTOR_TYPES)),
        about=draw(st.none() | st.text()), certainty=draw(st.none() | st.integers(1, 3)),
        article_id=draw(st.none() | name), title=draw(st.none() | st.text(st.characters(codec="utf-8"))),
    )  # fmt: skip


@given(st.lists(corrections(), min_size=1, max_size=4))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_corrected_the_labels_are_accepted(tmp_path, sent):
    file, out = tmp_path / "any.sqlite", tmp_path / "any.jsonl"
    file.unlink(missing_ok=True)
    store = store_at(file)
    for correction in sent:
        store.add(correction)
    for form in ("articles", "rows"):
        out.write_bytes(b"".join(json_line(line) for a in store.articles() for line in labels_of(a, form)))
        labels = read_labels([out])
        assert labels.problems == ()
        assert len(labels.statements) == sum(len(a.corrections) for a in store.articles())
    store.close()


def test_filters_and_standard_output(run, file):
    outcome = run("feedback", "export", "--database", str(file), "-o", "-", "--model-version", "m2")
    assert [json.loads(line)["text"] for line in outcome.out.splitlines()] == ["Oslo praised it."]
    outcome = run("feedback", "export", "--database", str(file), "-o", "-", "--since", "2999-01-01")
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "quotestance: 0 statements of 0 articles\n")


def test_the_database_of_the_service_is_the_default(run, file, tmp_path, monkeypatch):
    monkeypatch.setenv("QUOTESTANCE_FEEDBACK", str(file))
    assert run("feedback", "export", "-o", "out.jsonl").status == 0
    monkeypatch.delenv("QUOTESTANCE_FEEDBACK")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    outcome = run("feedback", "export", "-o", "other.jsonl")
    assert outcome.status == 2
    assert "feedback.sqlite: no such file" in outcome.err
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "csv"], "--format: csv is not one of articles, rows"),
        (["--since", "yesterday"], "--since: not a time"),
        (["--database", "gone.sqlite"], "no such file"),
        (["--database", "off"], "feedback is off"),
        (["--database", "text.sqlite"], "not a SQLite database"),
        (["-o", "out.csv"], "out.csv"),
    ],
)
def test_what_cannot_be_exported_is_one_line(run, file, tmp_path, arguments, words):
    (tmp_path / "text.sqlite").write_text("not a database " * 100)
    outcome = run("feedback", "export", "--database", str(file), "-o", "labels.jsonl", *arguments)
    assert outcome.status == 2
    assert words in outcome.err
    assert outcome.err.count("\n") == 1
    assert not (tmp_path / "labels.jsonl").exists()


# Where it is kept


def test_locations(tmp_path):
    def shown(setting, **environment):
        return str(feedback_location(setting, environment) or "off")

    assert shown("off") == shown("OFF") == "off"
    assert shown("", XDG_STATE_HOME=str(tmp_path)) == str(tmp_path / "quotestance" / "feedback.sqlite")
    assert shown("", XDG_STATE_HOME="relative").endswith("/.local/state/quotestance/feedback.sqlite")
    assert shown(str(tmp_path / "a b%.sqlite")) == shown(f"sqlite:///{tmp_path}/a b%.sqlite")
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        url = f"{scheme}://me:p%40ss@db:5433/feedback?sslmode=require&options=secret&passfile=x"
        assert shown(url) == "postgresql://me:***@db:5433/feedback?sslmode=require"
        assert feedback_location(url, {}).url.password == "p@ss"
        assert "p@ss" not in repr(feedback_location(url, {}))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T08:15:00", datetime(2026, 3, 1, 8, 15, tzinfo=UTC)),
        ("2026-03-01T08:15:00.250Z", datetime(2026, 3, 1, 8, 15, 0, 250_000, tzinfo=UTC)),
        ("2026-03-01T08:15:00+02:00", datetime(2026, 3, 1, 6, 15, tzinfo=UTC)),
    ],
)
def test_times(text, time):
    assert parsed_time(text) == time


@pytest.mark.parametrize("text", ["", "now", "2026-13-01", "9999-12-31T23:59:59-01:00", "0"])
def test_what_is_no_time(text):
    with pytest.raises(InputError, match="not a time"):
        parsed_time(text)


def test_a_file_of_refused_labels_is_not_in_the_way(run, file):
    Path("labels.rejected.jsonl").write_text("{}\n")
    assert run("feedback", "export", "--database", str(file), "-o", "labels.jsonl").status == 0
