"""`quotestance evaluate --reader`: the shipped reader on texts of our own, and the model card from its figures."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from quotestance.model import pipeline
from quotestance.model.errors import LabelError
from quotestance.service.http.model_facts import model_facts
from quotestance.training import card, evaluate_command, evaluate_reader
from quotestance.training.attribution_data import read_polnear
from quotestance.training.own_data import CONTRAST_TEST

TEXT = (
    "The harbour council of Norvik on Friday condemned the drone strike on the grain ships. "
    "“We will rebuild the pier before the frost,” harbour master Signe Dahl told reporters. "
    "She said that two crews had been asleep on board."
)


def spans(*words: str) -> list[list[int]]:
    return [[TEXT.index(w), TEXT.index(w) + len(w)] for w in words]


@pytest.fixture
def attributed(tmp_path: Path) -> Path:
    rows = [
        ("The harbour council of Norvik", "condemned", "the drone strike on the grain ships"),
        ("harbour master Signe Dahl", "told reporters", "“We will rebuild the pier before the frost,”"),
        ("She", "said", "that two crews had been asleep on board"),
    ]
    attributions = [{"source": spans(s), "cue": spans(c), "content": spans(q)} for s, c, q in rows]
    path = tmp_path / "attributed.jsonl"
    path.write_text(json.dumps({"doc_id": "a", "text": TEXT, "attributions": attributions}) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.jsonl"
    lines = CONTRAST_TEST.read_text(encoding="utf-8").splitlines()[:6]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_figures_of_both_kinds_of_file(
    attributed: Path, labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate_reader.run([attributed, labelled], out=tmp_path / "out", json_output=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures == json.loads((tmp_path / "out" / "reader.json").read_text())
    assert figures["attributions"]["overlap"]["source"] >= 0.6
    assert figures["attributions"]["joint"]["f1"] >= 0.6
    assert figures["statements"]["statements"] == 6
    assert figures["statements"]["found"] >= 0.8
    assert set(figures["statements, rules alone"]) <= set(figures["statements"])
    assert (tmp_path / "out" / "reader.png").stat().st_size > 5_000
    for line in (tmp_path / "out" / "reader-errors.jsonl").read_text().splitlines():
        assert json.loads(line)["error"] in {"missed", "speaker", "actor"}


def test_tables_for_people(attributed: Path, labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate_reader.run([attributed, labelled]) == 0
    shown = capsys.readouterr().out
    assert "exact F1" in shown
    assert "rules alone" in shown


def test_a_file_that_is_neither_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text("no json\n")
    with pytest.raises(LabelError, match="cannot be read"):
        evaluate_reader.run([path])


def test_an_attribution_file_needs_no_names_and_says_where_it_is_broken(attributed: Path, tmp_path: Path) -> None:
    row = json.loads(attributed.read_text(encoding="utf-8"))
    del row["doc_id"]
    good = json.dumps(row) + "\n"
    path = tmp_path / "nameless.jsonl"
    path.write_text(f"\ufeff{good}\n{good}", encoding="utf-8")
    assert [a.id for a in read_polnear(path)] == ["nameless-1", "nameless-3"]
    assert evaluate_reader.run([path]) == 0
    outside = {**row, "attributions": [{"source": [], "cue": [[0, 9_999]], "content": []}]}
    for broken in ("{", json.dumps({"text": TEXT, "attributions": [{"cue": [3]}]}), json.dumps(outside)):
        path.write_text(good + broken + "\n", encoding="utf-8")
        with pytest.raises(LabelError, match=r"nameless\.jsonl:2: not "):
            evaluate_reader.run([path])
    whole = gzip.compress(good.encode())
    for number, content in enumerate((whole[:-9], whole[:20] + b"\xff\xff" + whole[22:])):
        damaged = tmp_path / f"damaged-{number}.jsonl.gz"
        damaged.write_bytes(content)
        with pytest.raises(LabelError, match="damaged or cut short"):
            evaluate_reader.run([damaged])


def test_a_broken_first_line_of_a_label_file_is_refused_alone(
    labelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labelled.write_text("\ufeffbroken\n" + labelled.read_text(encoding="utf-8"), encoding="utf-8")
    assert evaluate_reader.run([labelled], json_output=True) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["statements"]["statements"] == 6
    assert f"{labelled}:1: " in captured.err


def test_a_kind_of_mention_that_one_reader_found_none_of_is_a_dash(
    labelled: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shares = iter(({"named": 0.5}, {"nominal": 0.25}))
    summary = evaluate_reader.summary
    monkeypatch.setattr(evaluate_reader, "summary", lambda m: {**summary(m), "actor_by_mention": next(shares)})
    assert evaluate_reader.run([labelled]) == 0
    cells = [[c.strip() for c in line.split("│")[1:-1]] for line in capsys.readouterr().out.splitlines()]
    assert ["named speakers", "0.500", "–"] in cells
    assert ["nominal speakers", "–", "0.250"] in cells


def test_the_card_holds_the_measured_figures(
    attributed: Path, labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate_reader.run([attributed, labelled], out=tmp_path / "figures")
    evaluate_command.run([labelled], out=tmp_path / "figures", fit=[labelled])
    out = tmp_path / "README.md"
    monkeypatch.setattr("sys.argv", ["card", "--figures", str(tmp_path / "figures"), "-o", str(out)])
    card.main()
    text = out.read_text(encoding="utf-8")
    figures = json.loads((tmp_path / "figures" / "evaluation.json").read_text())
    assert f"| accuracy | {figures['scorer']['accuracy']:.3f} |" in text
    assert "license: apache-2.0" in text
    assert "polnear-train.jsonl.gz" in text


def test_the_card_of_the_shipped_weights_tells_their_manifests_the_figures(
    attributed: Path, labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "weights"
    for part in ("reader", "scorer"):
        (shipped / part).mkdir(parents=True)
        shutil.copy(pipeline.SHIPPED / part / "manifest.json", shipped / part)
    evaluate_reader.run([attributed, labelled], out=tmp_path / "figures")
    evaluate_command.run([labelled], out=tmp_path / "figures", fit=[labelled])
    monkeypatch.setattr(card, "SHIPPED", shipped)
    monkeypatch.setattr("sys.argv", ["card", "--figures", str(tmp_path / "figures"), "-o", str(shipped / "README.md")])
    card.main()
    told = model_facts(shipped)["figures"]
    measured = json.loads((tmp_path / "figures" / "evaluation.json").read_text())
    assert told["scorer"]["macro_f1"] == measured["scorer"]["macro_f1"]
    assert told["scorer"]["files"] == [labelled.name]
    assert 0 <= told["reader"]["actor"] <= 1
