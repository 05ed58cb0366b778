"""Figures on answers that are known by hand."""

from pathlib import Path

import numpy as np
import pytest

from quotestance.training.calibration import fit, fit_temperature, fit_threshold, softmax
from quotestance.training.comparison.paired import units_of_macro_f1
from quotestance.training.evaluate_scorer import baseline_figures
from quotestance.training.labels import LabelledArticle, read_labels
from quotestance.training.metrics import bootstrap, calibration_error, f1, macro_f1, risk_coverage, selective
from quotestance.training.splits import by_event

from .conftest import label_rows, write_rows


def test_macro_f1_by_hand() -> None:
    truth, calls = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    assert f1(truth, calls, 0) == pytest.approx(2 / 3)
    assert f1(truth, calls, 1) == pytest.approx(0.5)
    assert f1(truth, calls, 2) == 0.0
    assert macro_f1(truth, calls) == pytest.approx((2 / 3 + 0.5) / 3)


def test_a_baseline_that_cannot_be_fitted_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = label_rows(6)
    tested = read_labels([write_rows(tmp_path / "test.jsonl", rows)]).statements
    one_stance = read_labels([write_rows(tmp_path / "one.jsonl", rows[::3])]).statements
    words = [{**row, "text": word} for row, word in zip(rows, ("Yes", "No", "Never"), strict=False)]
    no_word_twice = read_labels([write_rows(tmp_path / "words.jsonl", words)]).statements
    for training in (one_stance, no_word_twice):
        found = baseline_figures(training, tested)
        assert "TF-IDF + logistic regression" not in found
        assert found["majority class"]["accuracy"] == pytest.approx(1 / 3)
        assert "the baseline 'TF-IDF + logistic regression' is left out" in capsys.readouterr().err


def test_calibration_error_by_hand() -> None:
    # four calls with confidence 0.8, three right: the gap is 0.05
    probabilities = np.array([[0.8, 0.1, 0.1]] * 4)
    assert calibration_error(probabilities, np.array([0, 0, 0, 1])) == pytest.approx(0.05)


def test_temperature_finds_the_one_that_made_the_labels() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4_000, 3))
    truth = [int(rng.choice(3, p=row)) for row in softmax(logits, 2.0)]
    assert fit_temperature(logits, truth) == pytest.approx(2.0, rel=0.1)
    with pytest.raises(ValueError, match="held-out"):
        fit_temperature(np.zeros((0, 3)), [])


def test_threshold_keeps_the_precision_asked_for() -> None:
    rng = np.random.default_rng(1)
    confidence = rng.uniform(0.4, 1.0, 2_000)
    right = rng.uniform(size=2_000) < confidence
    probabilities = np.stack([confidence, (1 - confidence) / 2, (1 - confidence) / 2], axis=1)
    truth = np.where(right, 0, 2)
    threshold = fit_threshold(probabilities, truth.tolist(), precision=0.9)
    chosen = selective(probabilities, truth, threshold)
    assert chosen["precision"] >= 0.9
    assert 0.2 < chosen["coverage"] < 0.6


def test_risk_falls_to_the_overall_error_at_full_coverage() -> None:
    probabilities = np.array([[0.9, 0.05, 0.05], [0.6, 0.3, 0.1], [0.5, 0.4, 0.1]])
    coverage, risk = risk_coverage(probabilities, np.array([0, 1, 0]))
    assert coverage.tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert risk.tolist() == pytest.approx([0, 0.5, 1 / 3])


def test_bootstrap_draws_whole_groups() -> None:
    values = np.array([1.0, 1.0, 0.0, 0.0])
    low, high = bootstrap(["a", "a", "b", "b"], lambda i: float(values[i].mean()))
    assert (low, high) == (0.0, 1.0)


def test_split_keeps_a_run_of_days_together_and_loses_nothing() -> None:
    articles = [LabelledArticle(f"d{i}", f"t{i}", "", f"2031-01-{i:02d}", "", None, ()) for i in range(1, 21)]
    training, held = by_event(articles, 0.2, seed=1)
    days = [int(a.date[-2:]) for a in held]
    assert days == list(range(days[0], days[0] + 4))
    assert sorted(a.doc_id for a in [*training, *held]) == sorted(a.doc_id for a in articles)
    with pytest.raises(ValueError, match="cannot hold out"):
        by_event(articles[:1], 0.2)


def test_split_keeps_rows_of_a_text_and_members_of_a_set_together() -> None:
    rows = [LabelledArticle(f"r{i}", f"text {i // 6}", "", "", "", None, ()) for i in range(48)]
    members = [LabelledArticle(f"set-{i}{m}", f"set {i}{m}", "", "", "", None, ()) for i in range(8) for m in "ab"]
    for seed in range(8):
        training, held = by_event([*rows, *members], 0.2, seed)
        assert len(training) + len(held) == 64
        assert not {a.text for a in training if a in rows} & {a.text for a in held}
        assert not {a.doc_id[:-1] for a in training if a in members} & {a.doc_id[:-1] for a in held}


def test_a_scorer_that_is_always_right_abstains_on_nothing() -> None:
    truth = [0, 2] * 45
    logits = np.eye(3)[truth] * np.linspace(3.5, 5, 90)[:, None]
    temperature, threshold = fit(logits, truth)
    assert (softmax(logits, temperature).max(axis=1) >= threshold).all()


def test_macro_f1_rests_on_few_statements_where_a_stance_is_rare() -> None:
    assert units_of_macro_f1(np.array([0, 1, 2] * 30)) == pytest.approx(90)
    assert units_of_macro_f1(np.array([0, 1] * 99 + [2, 2])) < 20
