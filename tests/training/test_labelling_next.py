"""`quotestance labels next`: the least sure and most different articles, with the model's statements to correct."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quotestance.model.types import Article, Reading
from quotestance.service.cli import main
from quotestance.service.reading_json import reading_json
from quotestance.training.labelling import next_command
from quotestance.training.labelling.label_studio_export import line_of_task
from quotestance.training.labelling.worth_labelling import pick, semantic_vectors, uncertainty

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "service"))
from fakes import FakeModel
from labelling_examples import read, write

SURE = 'Dora Lind said: "We support the strike."'
UNSURE = 'Ines Holt said: "It was at noon." The strike was late. Omar Fell said: "It was cold."'
SIDE_TALK = {
    "ports": "Harbour cranes, tugs and the customs shed at the quay stood idle while grain ships waited outside.",
    "farms": "Orchards, wells and irrigation ditches dried up as the almond growers counted what was left of it.",
    "schools": "Teachers moved pupils, desks and blackboards into the old cinema until the winter term was over.",
}


def article(name: str, said: str, about: str) -> dict[str, Any]:
    return {"id": name, "title": about, "text": f"{SIDE_TALK[about]} {said}"}


ARCHIVE = [
    article("sure", SURE, "ports"),
    article("unsure", UNSURE, "ports"),
    article("unsure too", f"{UNSURE} So it went, and nobody knew why the tugs had left.", "ports"),
    article("farms", UNSURE, "farms"),
    article("schools", UNSURE, "schools"),
    {"id": "peace", "text": 'Nothing happened. Ann Roe said: "All was well."'},
]


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """The fake model in place of the real one; which folders it was loaded from."""
    folders: list[Path | None] = []

    def load(folder: Path | None) -> FakeModel:
        folders.append(folder)
        return FakeModel()

    monkeypatch.setattr(next_command, "load_model", load)
    return folders


def names(path: Path) -> list[str]:
    return [made["doc_id"] for made in read(path)]


def scored(made: dict[str, Any]) -> dict[str, Any]:
    (reading,) = FakeModel().read_many([Article(made["id"], made["text"], made.get("title"))])
    assert isinstance(reading, Reading)
    return reading_json(reading)


def test_unsure_and_different_articles_come_first(
    tmp_path: Path, loaded: list[Path | None], capfd: pytest.CaptureFixture[str]
) -> None:
    archive, out = write(tmp_path / "a.jsonl", *ARCHIVE), tmp_path / "next.jsonl"
    assert main(["labels", "next", str(archive), "-o", str(out), "-n", "3"]) == 0
    assert set(names(out)) == {"unsure", "farms", "schools"}
    assert "1 without a strike" in capfd.readouterr().err
    first = out.read_bytes()
    assert main(["labels", "next", str(archive), "-o", str(out), "-n", "3", "--overwrite"]) == 0
    assert out.read_bytes() == first


def test_what_is_labelled_or_nearly_so_is_passed_over(
    tmp_path: Path, loaded: list[Path | None], capfd: pytest.CaptureFixture[str]
) -> None:
    long = " ".join(SIDE_TALK.values())
    archive = write(
        tmp_path / "a.jsonl",
        *ARCHIVE,
        {"id": "long", "text": f"{long} {UNSURE}"},
        {"id": "again", "text": f"{long} {UNSURE} "},
    )
    rows = [{"text": f"{long} {UNSURE} It rained.", "actor": "A", "target": "t", "stance": "neutral"}]
    labels = write(tmp_path / "l.jsonl", *rows, {**rows[0], "text": ARCHIVE[3]["text"]})
    tasks = tmp_path / "sent.json"
    tasks.write_text(json.dumps([{"data": {"text": ARCHIVE[4]["text"]}, "predictions": []}]))
    out = tmp_path / "next.jsonl"
    arguments = ["labels", "next", str(archive), "-o", str(out)]
    assert main([*arguments, "--exclude", str(labels), "--exclude", str(tasks)]) == 0
    assert sorted(names(out)) == ["sure", "unsure"]
    assert "5 labelled already or nearly the same as another" in capfd.readouterr().err
    assert main([*arguments, "--overwrite", "--exclude", str(archive)]) == 2
    assert "no article left" in capfd.readouterr().err


def test_a_scored_archive_with_text_needs_no_model(tmp_path: Path, loaded: list[Path | None]) -> None:
    rows = [scored(made) | {"text": made["text"]} for made in ARCHIVE]
    archive = write(tmp_path / "scored.jsonl", *rows)
    plain = write(tmp_path / "a.jsonl", *ARCHIVE)
    assert main(["labels", "next", str(archive), "-o", str(tmp_path / "scored-next.jsonl"), "-n", "3"]) == 0
    assert loaded == []
    assert main(["labels", "next", str(plain), "-o", str(tmp_path / "next.jsonl"), "-n", "3", "--model", "m"]) == 0
    assert loaded == [Path("m")]
    assert read(tmp_path / "scored-next.jsonl") == read(tmp_path / "next.jsonl")


def test_a_scored_archive_without_text_or_of_another_text_is_refused(
    tmp_path: Path, loaded: list[Path | None], capfd: pytest.CaptureFixture[str]
) -> None:
    good = scored(ARCHIVE[0]) | {"text": ARCHIVE[0]["text"]}
    shifted = good | {"text": "X" + str(good["text"])}
    odd = good | {"statements": [{"start": "x"}]}
    archive = write(tmp_path / "a.jsonl", good, scored(ARCHIVE[1]), shifted, odd, "{")
    out = tmp_path / "next.jsonl"
    assert main(["labels", "next", str(archive), "-o", str(out)]) == 1
    assert names(out) == ["sure"]
    refused = read(tmp_path / "next.rejected.jsonl")
    assert [r["line"] for r in refused] == [2, 3, 4, 5]
    assert "without its `text`" in refused[0]["reason"]
    assert "another text scored" in refused[1]["reason"]
    table = tmp_path / "b.parquet"
    pq.write_table(pa.table({"id": ["a"]}), table)
    assert main(["labels", "next", str(table), "-o", "-"]) == 2
    assert "no column `text`" in capfd.readouterr().err


def test_label_studio_gets_predictions_and_the_interface(tmp_path: Path, loaded: list[Path | None]) -> None:
    archive, out, xml = write(tmp_path / "a.jsonl", *ARCHIVE), tmp_path / "next.json", tmp_path / "i.xml"
    assert main(["labels", "next", str(archive), "-o", str(out), "-n", "2", "--config-out", str(xml)]) == 0
    assert xml.read_text().startswith("<View>")
    tasks = json.loads(out.read_text())
    assert [list(made) for made in tasks] == [["data", "predictions"]] * 2
    assert tasks[0]["predictions"][0]["model_version"] == "fake-1"
    # accepted as it is, it is a label, and no longer the model's
    accepted = {"data": tasks[0]["data"], "annotations": [{"result": tasks[0]["predictions"][0]["result"]}]}
    row = line_of_task(accepted).row
    assert row is not None
    assert "predicted_by" not in row
    assert [s["actor"] for s in row["statements"]] == ["Ines Holt", "Omar Fell"]
    assert row["strikes"] == [{"id": "S1", "description": "the strike", "main": True}]


def test_doccano_gets_documents(tmp_path: Path, loaded: list[Path | None]) -> None:
    archive, out = write(tmp_path / "a.jsonl", *ARCHIVE), tmp_path / "next.jsonl"
    assert main(["labels", "next", str(archive), "-o", str(out), "-n", "1", "--format", "doccano"]) == 0
    (made,) = read(out)
    assert [e["label"] for e in made["entities"]] == ["neutral", "speaker", "cue"] * 2


def test_uncertainty_is_the_mean_entropy_of_the_least_sure_three() -> None:
    even, sure = [1 / 3, 1 / 3, 1 / 3], [1.0, 0.0, 0.0]
    assert uncertainty([even, even, even, sure, sure]) == pytest.approx(1)
    assert uncertainty([even, sure]) == pytest.approx(1 / 3)
    assert uncertainty([]) == 0
    assert uncertainty([[0.5, 0.5, 0.0]]) == pytest.approx(np.log(2) / np.log(3) / 3)


def test_picks_shun_what_is_labelled_and_ties_go_to_the_earlier() -> None:
    vectors = np.eye(3)
    assert pick([0.5, 0.5, 0.5], vectors, vectors[:0], 9) == [0, 1, 2]
    assert pick([0.5, 0.5, 0.5], vectors, vectors[:1], 2) == [1, 2]
    assert pick([0.2, 0.9, 0.5], np.ones((3, 1)), np.zeros((0, 1)), 2) == [1, 2]


def test_vectors_are_of_length_one_and_repeat(tmp_path: Path) -> None:
    texts = [made["text"] for made in ARCHIVE]
    vectors = semantic_vectors(texts)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert (vectors == semantic_vectors(texts)).all()
    assert not semantic_vectors(["the", "of"]).any()
    assert semantic_vectors(["harbour", "orchard"]).shape[0] == 2
