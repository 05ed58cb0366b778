"""The shipped model, whole: offsets, targets, bad input, and the article of which a person's reading is known."""

import json
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import SHARED

from quotestance.model import STANCES, Article, ArticleError, InputError, Model, Reading, load
from quotestance.model.settings import Settings
from quotestance.model.types import ACTOR_TYPES, KINDS

REPORT = (
    "Jets from Norland bombed a radar post near the Sarrow border on Monday, killing two.\n\n"
    "Defence Minister Irma Holt said the raid was lawful and necessary. “They fired first, and we answered,” she "
    "told reporters.\n\n"
    "Sarrow condemned the raid as a crime. “This cowardly bombing will not be forgotten,” President Teo Vance said.\n\n"
    "A hospital director, Lena Marsh, said two soldiers were killed."
)
PIECES = [
    "“",
    "”",
    '"',
    "‘",
    "’",
    "'",
    "«",
    "said",
    " she said ",
    "Irma Holt ",
    "condemned the raid",
    ". ",
    "\n\n",
    ",",
]
PIECES += [
    "according to ",
    "\u202e",
    "\ud800",
    "\x00",
    "é",
    "e\u0301",
    "😀",
    "ש",
    " the strike ",
    "that ",
    "- ",
    "[QUOTE]",
]


def check(reading: Reading) -> None:
    text = reading.article.text
    for statement in reading.statements:
        assert text[slice(*statement.span)] == statement.quote != ""
        if statement.speaker_span is not None:
            assert text[slice(*statement.speaker_span)] == statement.speaker
        if statement.cue_span is not None:
            assert text[slice(*statement.cue_span)] == statement.cue
        assert statement.kind in KINDS
        assert statement.actor is None or (statement.actor.name and statement.actor.type in ACTOR_TYPES)
        assert len(statement.stances) == len(reading.targets)
        for stance in statement.stances:
            assert sum(stance.probabilities.values()) == pytest.approx(1.0)
            assert stance.label == max(STANCES, key=lambda s: stance.probabilities[s])
            assert stance.confidence == stance.probabilities[stance.label]
            assert -1 <= stance.score <= 1
    for actor in reading.actors:
        assert all(reading.statements[i].actor == actor.actor for i in actor.statements)


def test_a_report_is_read_as_a_person_reads_it(model: Model) -> None:
    reading = model.read(REPORT, title="Norland jets bomb Sarrow radar post")
    check(reading)
    assert reading.target is not None
    assert reading.target.source == "found"
    assert "radar post" in reading.target.text
    stances = {a.actor.name: a.stance.label for a in reading.actors if a.stance}
    assert stances["Irma Holt"] == "supportive"
    assert stances["Teo Vance"] == "condemning"
    assert stances["Sarrow"] == "condemning"
    assert stances["Lena Marsh"] == "neutral"
    she = next(s for s in reading.statements if s.quote.startswith("They fired first"))
    assert (she.speaker, she.actor and she.actor.name, she.cue, she.kind) == ("she", "Irma Holt", "told", "direct")


def test_without_a_strike_there_is_no_stance(model: Model) -> None:
    reading = model.read("The minister said the harvest was good. “We are glad,” she added.")
    assert reading.target is None
    assert reading.statements
    assert all(s.stance is None for s in reading.statements)
    check(reading)


def test_targets_can_be_given_one_or_several(model: Model) -> None:
    one = model.read(REPORT, target="the raid on the radar post")
    assert one.target is not None
    assert (one.target.text, one.target.source) == ("the raid on the radar post", "given")
    two = model.read(REPORT, target=["the raid on the radar post", "rocket fire from Sarrow"])
    check(two)
    assert [s.stances[0].label for s in two.statements] == [s.stance.label for s in one.statements if s.stance]
    with pytest.raises(InputError, match="target"):
        model.read(REPORT, target=" ")


@pytest.mark.parametrize(("precision", "within"), [("float32", 1e-4), ("auto", 0.02)])
def test_many_give_what_each_gives_alone_in_order(precision: Literal["float32", "auto"], within: float) -> None:
    model = load(settings=Settings(precision=precision))
    articles = [Article(id=str(i), text=REPORT[: 150 + 40 * i]) for i in range(9)]
    articles.insert(4, Article(id="long", text="x" * 1_000_001))
    results = list(model.read_many(iter(articles)))
    assert [r.id if isinstance(r, ArticleError) else r.article.id for r in results] == [a.id for a in articles]
    assert isinstance(results[4], ArticleError)
    for article, result in zip(articles, results, strict=True):
        if isinstance(result, Reading):
            alone = model.read(article.text)
            assert [s.quote for s in alone.statements] == [s.quote for s in result.statements]
            for ours, theirs in zip(alone.statements, result.statements, strict=True):
                if ours.stance and theirs.stance:
                    assert ours.stance.score == pytest.approx(theirs.stance.score, abs=within)


def test_rows_are_scored_and_bad_rows_answered_for(model: Model) -> None:
    good = {
        "text": REPORT,
        "actor": "Teo Vance",
        "target": "the raid",
        "quote": "This cowardly bombing will not be forgotten",
    }
    rows = [good, {**good, "quote": "never said"}, {"text": "", "actor": "x", "target": "y"}, {**good, "actor": 7}]
    first, *rest = model.stance(rows)
    assert getattr(first, "label", None) == "condemning"
    assert [r.error for r in rest if isinstance(r, ArticleError)] == [
        "`quote` is not a substring of `text`",
        "`text` must be a text, not empty",
        "`actor` must be a text, not empty",
    ]
    assert model.stance([]) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "\ufeff",
        "No quotes at all in this text",
        '"' * 10_000,
        "“" * 10_000,
        "”" * 999 + "said",
        "\x00\x01\x02" * 500,
        "\ud800 said “\udfff”",
        "אמר ״ההפצצה פשע״, said \u202eMinister\u202c",
        "said " * 3_000,
        "a" * 100_000,
    ],
)
def test_odd_text_is_read_without_a_word_of_complaint(model: Model, text: str) -> None:
    check(model.read(text, target="the strike"))


def test_a_text_over_the_limit_or_of_another_type_is_refused(model: Model) -> None:
    with pytest.raises(InputError, match="5,000,000 characters"):
        model.read("x" * 5_000_000)
    with pytest.raises(InputError, match="must be a string, not bytes"):
        model.read(b"bytes")  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40).map("".join))
def test_offsets_hold_for_any_text(model: Model, text: str) -> None:
    check(model.read(text, target="the strike"))


EXAMPLE = SHARED / "examples" / "us-strikes-2021-06.json"


needs_example = pytest.mark.skipif(not EXAMPLE.exists(), reason="the first real article is not beside the repository")


@pytest.fixture(scope="module")
def example(model: Model) -> Reading:
    article = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return model.read(article["text"], title=article["title"])


@needs_example
def test_the_first_real_article_has_its_actors_the_right_way_round(example: Reading) -> None:
    check(example)
    stances = {a.actor.name: a.stance.label for a in example.actors if a.stance}
    assert stances["Antony Blinken"] == "supportive"
    for name in ("Mustafa al-Kadhemi", "Baghdad", "Hashed-al-Shaabi", "Hezbollah"):
        assert stances[name] == "condemning", name
    assert not any("Treacherous aggression" in s.quote or "banner" in s.quote for s in example.statements)


def test_a_quote_of_too_many_tokens_is_said_to_be_cut(model: Model) -> None:
    many = " ".join(["zqxvkj"] * 120)
    text = f"Jets bombed the port of Varda on Monday. “We saw {many} before the strike,” Mayor Ilse Brandt said."
    assert len(many) < 900
    assert model.read(text).truncated
    assert not model.read(text.replace(f" {many}", " smoke")).truncated


@needs_example
def test_condemning_other_attacks_is_not_condemning_the_strikes(example: Reading) -> None:
    stances = {a.actor.name: a.stance.label for a in example.actors if a.stance}
    assert stances["Jean-Yves Le Drian"] != "condemning"
