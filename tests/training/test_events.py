"""Articles on one event: what `train` keeps together and `labels check` warns of."""

import json
from pathlib import Path

import pytest

from quotestance.service.cli import main
from quotestance.training.events import events_of, same_events
from quotestance.training.labels import LabelledArticle, read_labels
from quotestance.training.own_data import EXAMPLE
from quotestance.training.splits import three_ways

HALLE = "Norvania's raid on the port of Halle"


def article(name: str, target: str | None, date: str = "", title: str = "") -> LabelledArticle:
    return LabelledArticle(name, f"Text of {name}.", title, date, "", target, ())


def pairs(*articles: LabelledArticle) -> set[str]:
    return {articles[same.first].doc_id + articles[same.second].doc_id for same in same_events(articles)}


def test_one_strike_in_one_week_is_one_event_in_whatever_words() -> None:
    a = article("a", HALLE, "2031-05-01")
    b = article("b", "the raid by Norvania on Halle harbour", "2031-05-08T10:00:00Z")
    late = article("c", HALLE, "2031-06-20")
    other = article("d", "shelling of Orn by Sudmark", "2031-05-01")
    assert pairs(a, b, late, other) == {"ab"}
    assert [[x.doc_id for x in group] for group in events_of([a, late, b, other])] == [["a", "b"], ["c"], ["d"]]


def test_headlines_tell_where_descriptions_do_not() -> None:
    a = article("a", HALLE, "2031-05-01", title="Harbour of Halle burns after night attack")
    b = article("b", "air strikes by Norvania", "2031-05-02", title="Halle harbour burns after attack in the night")
    assert pairs(a, b, article("c", "a drone over Kell", "2031-05-02", title="Quiet day")) == {"ab"}


@pytest.mark.parametrize("date", ["", "May"])
def test_without_a_date_only_nearly_the_same_words_are_the_same_event(date: str) -> None:
    same, near = article("s", "raid on Velm", date), article("n", "raid on Orn", date)
    assert pairs(article("a", "the raid on Velm"), article("b", "shelling of Orn", "2031-01-01"), same, near) == {"as"}


@pytest.mark.parametrize("target", ["the strikes", "the of", None])
def test_a_description_without_a_name_says_nothing(target: str | None) -> None:
    assert pairs(article("a", target, "2031-05-01"), article("b", target, "2031-05-01")) == set()


def test_more_articles_than_are_compared_at_a_time() -> None:
    articles = [article(str(i), f"the raid on Halle{i // 2} by Norvania", "2031-05-01") for i in range(600)]
    found = {(same.first, same.second) for same in same_events(articles)}
    assert found == {(i, i + 1) for i in range(0, 600, 2)}


def test_one_text_or_one_name_is_one_event() -> None:
    a = article("a", None)
    again = LabelledArticle("b", a.text, "", "", "", None, ())
    c = article("c", None)
    assert [len(group) for group in events_of([a, again, c, c])] == [2, 2]


def test_what_train_splits_is_what_check_passes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines = {json.loads(line)["text"]: line for line in EXAMPLE.read_text(encoding="utf-8").splitlines()}
    split = three_ways(read_labels([EXAMPLE]).articles, 0.15, 0.2)
    for name, part in (("train", (*split.training, *split.validation)), ("test", split.test)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines[a.text] for a in part) + "\n", encoding="utf-8")
    main(["labels", "check", "--json", str(tmp_path / "train.jsonl"), "--test", str(tmp_path / "test.jsonl")])
    findings = json.loads(capfd.readouterr().out)["findings"]
    assert [f["level"] for f in findings if f["check"] == "same event"] == ["pass"]


def test_a_capital_that_only_opens_a_description_is_no_name() -> None:
    assert not pairs(article("a", "Air strikes"), article("b", "Air strikes"))
    assert pairs(article("a", "Air strikes on Halle"), article("b", "Air strikes on Halle"))
