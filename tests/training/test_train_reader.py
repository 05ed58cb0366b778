"""The reader's training on a tiny model, and our labels in PolNeAR's terms."""

import gzip
import json
from pathlib import Path

import pytest

from quotestance.model.errors import LabelError
from quotestance.model.segmentation import segment
from quotestance.model.settings import Settings
from quotestance.model.tagger import Tagger, TaggerConfig
from quotestance.training.attribution_data import from_labels, read_polnear
from quotestance.training.base import load_base
from quotestance.training.flat_tagger import tag_flat, train_flat
from quotestance.training.labels import read_labels
from quotestance.training.reader_metrics import attribution_f1, span_f1, spans_of
from quotestance.training.save import save_component
from quotestance.training.train_reader import ReaderTraining, train_reader

TEXT = "The minister told people: “It was right.” She said that the strike killed people."


def spans(*words: str) -> list[list[int]]:
    return [[TEXT.index(w), TEXT.index(w) + len(w)] for w in words]


@pytest.fixture
def polnear(tmp_path: Path) -> Path:
    attributions = [
        {"source": spans("The minister"), "cue": spans("told"), "content": spans("“It was right.”")},
        {"source": spans("She"), "cue": spans("said"), "content": spans("that the strike killed people")},
    ]
    path = tmp_path / "polnear.jsonl.gz"
    row = json.dumps({"doc_id": "d", "text": TEXT, "attributions": attributions}) + "\n"
    path.write_bytes(gzip.compress(row.encode()))
    return path


def test_a_tagger_learns_one_article_by_heart_and_is_read_back(tmp_path: Path, tiny_base: Path, polnear: Path) -> None:
    articles = read_polnear(polnear)
    base = load_base(str(tiny_base), kind="reader")
    settings, config = ReaderTraining(epochs=150, rate=5e-3, head_rate=5e-3), TaggerConfig()
    network = train_reader(articles, base, settings, config, tmp_path / "checkpoints")
    save_component(tmp_path, "reader", network, base, config, [polnear], {})
    tagger = Tagger.load(tmp_path / "reader", Settings(device="cpu"))
    figures = attribution_f1(tagger, articles)
    assert figures["exact"] == figures["overlap"] == {"source": 1.0, "cue": 1.0, "content": 1.0}
    assert figures["joint"]["f1"] == 1.0
    (found,) = tagger.tag([segment(TEXT)])
    assert [a.cue.of(TEXT) for a in found] == ["told", "said"]


def test_our_labels_are_widened_to_polnears_terms(tmp_path: Path) -> None:
    def statement(quote: str, speaker: str, cue: str) -> dict[str, object]:
        fields = {"quote": quote, "speaker": speaker, "cue": cue}
        places = {f"{k}_span": spans(v)[0] for k, v in fields.items()}
        return {**fields, **places, "actor": "minister", "strike": "S1", "stance": "neutral"}

    row = {
        "text": TEXT,
        "strikes": [{"id": "S1", "description": "the strike"}],
        "statements": [
            statement("It was right", "The minister", "told"),
            statement("said that the strike killed people", "She", "said"),
        ],
    }
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(row) + "\n")
    (article,) = from_labels(read_labels([path]).articles)
    speech, attitude = article.gold
    assert [s.of(TEXT) for s in speech.content] == ["“It was right.”"]
    assert speech.attitude is False
    assert [s.of(TEXT) for s in attitude.content] == ["that the strike killed people"]
    assert attitude.attitude is True
    assert not article.complete


def test_the_flat_design_learns_the_same_article_by_heart(tmp_path: Path, tiny_base: Path, polnear: Path) -> None:
    articles = read_polnear(polnear)
    base = load_base(str(tiny_base), kind="reader")
    network = train_flat(
        articles, base, ReaderTraining(epochs=150, rate=5e-3, head_rate=5e-3), tmp_path / "checkpoints"
    )
    found = [tag_flat(network, a, base) for a in articles]
    assert span_f1(found, [spans_of(a.gold) for a in articles]) == {"source": 1.0, "cue": 1.0, "content": 1.0}


def test_articles_without_cues_teach_a_reader_nothing_and_stop_no_training(
    tmp_path: Path, tiny_base: Path, polnear: Path
) -> None:
    statement = {"quote": "It was right", "quote_span": spans("It was right")[0], "kind": "direct", "actor": "minister"}
    row = {
        "text": TEXT,
        "strikes": [{"id": "S1", "description": "the strike"}],
        "statements": [{**statement, "strike": "S1", "stance": "supportive"}],
    }
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(row) + "\n")
    cueless = from_labels(read_labels([path]).articles)
    settings, config = ReaderTraining(epochs=1), TaggerConfig()
    with pytest.raises(LabelError, match="no statement of these articles has a cue"):
        train_reader(cueless, load_base(str(tiny_base), kind="reader"), settings, config, tmp_path / "a")
    articles = read_polnear(polnear)
    base = load_base(str(tiny_base), kind="reader")
    train_reader(articles, base, settings, config, tmp_path / "b", validation=cueless)
