"""What a model is retrained on: events kept together, held-out files kept out, our own passages replayed."""

from dataclasses import replace
from pathlib import Path

import pytest

from quotestance.model.errors import LabelError
from quotestance.model.types import Span
from quotestance.training.examples import Variation, balancing_weights, varied
from quotestance.training.label_dataset import as_dataset, statement_of
from quotestance.training.labels import LabelledArticle, LabelledStatement, statements_of
from quotestance.training.material import Files, material
from quotestance.training.replay import own_articles, replayed
from quotestance.training.splits import three_ways
from quotestance.training.train_options import TrainOptions

from .conftest import STANCES, label_rows, write_rows


def article(name: str, target: str = "the strike", date: str = "", stance: str = "neutral") -> LabelledArticle:
    text = f"Text of {name}."
    statement = LabelledStatement(
        name,
        text,
        Span(0, 4),
        None,
        None,
        None,
        "Ana Brandt",
        None,
        target,
        stance,  # type: ignore[arg-type]
    )
    return LabelledArticle(name, text, "", date, "", target, (statement,))


def test_three_ways_parts_no_event_and_loses_nothing() -> None:
    articles = [
        article(f"{k}-{i}", f"the raid on Halle{k} by Norvania", f"2031-05-{k + 1:02d}", STANCES[(k + i) % 3])
        for k in range(20)
        for i in range(3)
    ]
    split = three_ways(articles, 0.15, 0.2, seed=4)
    parts = [split.training, split.validation, split.test]
    assert sorted(a.doc_id for part in parts for a in part) == sorted(a.doc_id for a in articles)
    events = [{a.doc_id.split("-")[0] for a in part} for part in parts]
    assert not events[0] & (events[1] | events[2])
    assert not events[1] & events[2]
    assert (len(split.validation), len(split.test)) == (9, 12)
    assert three_ways(articles[::-1], 0.15, 0.2, seed=4) == split
    assert three_ways(articles, 0.15, 0.2, seed=5) != split
    assert not split.by_article


def test_one_large_event_is_split_by_article_and_said() -> None:
    articles = [article(f"a{i}", "the raid on Halle by Norvania", "2031-05-01") for i in range(20)]
    split = three_ways(articles, 0.15, 0.2)
    assert split.by_article
    assert (len(split.training), len(split.validation), len(split.test)) == (13, 3, 4)
    with pytest.raises(ValueError, match="cannot split"):
        three_ways(articles[:2], 0.15, 0.2)


def test_beside_one_large_event_the_others_stay_whole() -> None:
    large = [article(f"a{i}", "the raid on Halle by Norvania", "2031-05-01") for i in range(20)]
    others = [article(f"{k}-{i}", f"shelling of Orn{k}", "2031-05-01") for k in range(8) for i in range(2)]
    split = three_ways([*large, *others], 0.15, 0.2)
    assert split.by_article
    parts = [{a.doc_id.split("-")[0] for a in part} for part in (split.training, split.validation, split.test)]
    assert not parts[0] & parts[1]
    assert not parts[2] & (parts[0] | parts[1])


@pytest.mark.parametrize("new", [30, 300])
def test_replay_is_the_share_asked_for_and_keeps_sets_whole(new: int) -> None:
    own = own_articles()
    drawn = replayed(own, new, 0.5, seed=1)
    count = len(statements_of(drawn))
    assert new <= count <= new + 30  # the last passage and the last set of each file may go over
    contrast = {a.doc_id for a in own[1]}
    of_sets = [a for a in drawn if a.doc_id in contrast]
    assert 0.35 <= len(statements_of(of_sets)) / count <= 0.65
    stems = {a.doc_id[:-1] for a in of_sets}
    assert {a.doc_id for a in of_sets} == {name for name in contrast if name[:-1] in stems}
    assert [a.doc_id for a in replayed(own, new, 0.5, seed=1)] == [a.doc_id for a in drawn]
    assert [a.doc_id for a in replayed(own, new, 0.5, seed=2)] != [a.doc_id for a in drawn]
    without = {a.text for a in drawn}
    assert not without & {a.text for a in replayed(own, new, 0.5, seed=1, without=without)}


def test_no_share_is_replayed_where_none_is_asked_for() -> None:
    assert replayed([[article("a")]], 100, 0.0, seed=0) == []
    with pytest.raises(ValueError, match="share"):
        replayed([], 100, 1.0, seed=0)


def test_held_out_files_are_kept_out_of_training(tmp_path: Path) -> None:
    rows = label_rows(60)
    labels = write_rows(tmp_path / "labels.jsonl", rows)
    test = write_rows(tmp_path / "test.jsonl", rows[:9])
    validation = write_rows(tmp_path / "validation.jsonl", label_rows(12, ending=" it"))
    options = TrainOptions(replay=0.5)
    parts = material(Files((labels,), (validation,), (test,)), options, own=lambda: [[article("own")] * 3])
    assert len(parts.training) == 51
    assert {a.text for a in parts.test} == {row["text"] for row in rows[:9]}
    assert not {a.text for a in parts.training} & {a.text for a in parts.test}
    assert len(parts.validation) == 12
    assert len(parts.replay) == 3
    assert any("9 articles stand in the held-out files" in note for note in parts.notes)


def test_rows_alone_train_no_reader(tmp_path: Path) -> None:
    labels = write_rows(tmp_path / "labels.jsonl", label_rows(60))
    with pytest.raises(LabelError, match="whole articles"):
        material(Files((labels,)), TrainOptions(part="reader", replay=0.0))


def test_statements_go_through_the_dataset_as_they_are() -> None:
    odd = LabelledStatement(
        "d", "A \ud800 text.", Span(0, 1), None, Span(2, 3), "direct", "Ana", "person", "it", "neutral", "x", 1, "S1"
    )
    statements = [odd, *article("a").statements]
    assert [statement_of(row) for row in as_dataset(statements)] == statements


def test_a_foreign_target_is_never_the_own_and_has_a_name() -> None:
    always = Variation(plain_target=0.0, actor_as_written=0.0, unmarked_speaker=0.0, foreign_target=1.0)
    own = article("a", "the raid on Halle by Norvania", stance="condemning").statements[0]
    for targets in ([own.target], ["the strikes"], ["The strikes"], ["the raid on Text"]):
        assert varied(own, targets, always, "0") == own
    foreign = varied(own, ["The shelling of Orn"], always, "0")
    assert (foreign.target, foreign.stance, foreign.about) == ("The shelling of Orn", "neutral", "something else")


def test_balancing_gives_every_stance_the_same_sum() -> None:
    statements = statements_of([article(str(i), stance="neutral" if i < 6 else "supportive") for i in range(8)])
    weights = balancing_weights(statements)
    assert weights == pytest.approx({"neutral": 4 / 6, "supportive": 4 / 2})
    # what is unsure counts less, and half of what takes a side will be neutral
    unsure = [replace(s, certainty=1) if s.stance == "supportive" else s for s in statements]
    weights = balancing_weights(unsure, foreign_target=0.5)
    neutral, supportive = 6 + 0.5 * 2 * 0.4, 0.5 * 2 * 0.4
    assert weights["neutral"] * neutral == pytest.approx(weights["supportive"] * supportive)
    assert weights["neutral"] * neutral == pytest.approx((neutral + supportive) / 2)
