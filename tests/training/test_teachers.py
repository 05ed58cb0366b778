"""A scorer taught by others: their answers count beside the labels, and alone where there is none."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from quotestance.model.errors import ModelError
from quotestance.model.passages import MARKERS
from quotestance.model.scorer import ScorerConfig, marker_ids
from quotestance.training.base import load_base
from quotestance.training.labels import LabelledStatement, read_labels
from quotestance.training.teachers import Teachers, lesson_loss, record_of
from quotestance.training.train_scorer import ScorerTraining, train_scorer


def trained(
    labels: Path,
    base: Path,
    out: Path,
    taught: float,
    teachers: Sequence[Path] = (),
    unlabelled: Sequence[LabelledStatement] = (),
) -> dict[str, torch.Tensor]:
    settings = ScorerTraining(epochs=1, taught=taught)
    statements = read_labels([labels]).statements
    network = train_scorer(
        statements, load_base(base), settings, ScorerConfig(), out, teachers=teachers, unlabelled=unlabelled
    )
    return dict(network.state_dict())


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_teachers_change_what_is_learnt_and_with_no_share_they_do_not(
    tmp_path: Path, tiny_base: Path, tiny_shipped: Path, labels: Path
) -> None:
    plain = trained(labels, tiny_base, tmp_path / "plain", 0.0)
    assert not same(trained(labels, tiny_base, tmp_path / "taught", 0.6, [tiny_shipped]), plain)
    assert same(trained(labels, tiny_base, tmp_path / "without-share", 0.0, [tiny_shipped]), plain)


def test_the_stance_of_an_unlabelled_statement_is_not_used(
    tmp_path: Path, tiny_base: Path, tiny_shipped: Path, labels: Path
) -> None:
    some = read_labels([labels]).statements[:20]
    as_found = trained(labels, tiny_base, tmp_path / "a", 0.6, [tiny_shipped], some)
    others = [replace(s, stance="condemning", certainty=3) for s in some]
    assert same(trained(labels, tiny_base, tmp_path / "b", 0.6, [tiny_shipped], others), as_found)
    assert not same(trained(labels, tiny_base, tmp_path / "c", 0.6, [tiny_shipped]), as_found)


def test_the_lesson_is_learnt_where_the_answers_are_the_same() -> None:
    answers = torch.tensor([[3.0, 0.0, -1.0]])
    best = float(lesson_loss(answers, answers))
    for other in ([[0.0, 0.0, 0.0]], [[3.0, 1.0, -1.0]], [[6.0, 0.0, -2.0]]):
        assert float(lesson_loss(torch.tensor(other), answers)) > best


def test_teachers_answer_with_the_mean_of_their_logits(tiny_shipped: Path) -> None:
    base = load_base(tiny_shipped)
    base.tokenizer.add_special_tokens({"additional_special_tokens": list(MARKERS)})
    ids = torch.tensor([[1, 2, 3, 4]])
    ones = torch.ones_like(ids)
    markers = marker_ids(base.tokenizer)
    one = Teachers.load([tiny_shipped], markers).answers(ids, ones, ones)
    two = Teachers.load([tiny_shipped, tiny_shipped], markers).answers(ids, ones, ones)
    assert one.shape == (1, 3)
    assert torch.allclose(one, two, atol=1e-6)


def test_a_bare_encoder_is_no_teacher(tiny_base: Path) -> None:
    with pytest.raises(ModelError, match="bare encoder has nothing to teach"):
        Teachers.load([tiny_base], [1, 2, 3, 4])


def test_the_record_names_their_versions(tiny_shipped: Path) -> None:
    (teacher,) = record_of([tiny_shipped])
    assert len(teacher["version"]) == 8
