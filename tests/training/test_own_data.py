"""The labelled passages that ship: whole, apart from each other, and sets that do ask for a difference."""

from collections import defaultdict

import pytest

from quotestance.training.labels import read_labels, statements_of
from quotestance.training.own_data import CONTRAST_TEST, CONTRAST_TRAIN, HARD_SETS, NEW_CONFLICT, PASSAGES


@pytest.fixture(scope="module")
def hard_sets():
    return read_labels([HARD_SETS]).articles


@pytest.mark.parametrize("file", [HARD_SETS, CONTRAST_TEST])
def test_the_passages_of_a_set_differ_in_a_label_or_in_the_strike_asked_about(file):
    sets = defaultdict(list)
    for article in read_labels([file]).articles:
        sets[article.doc_id[:-1]].append(article)
    assert min(map(len, sets.values())) > 1
    for name, members in sets.items():
        judged = {(a.target, a.text, tuple((s.actor, s.stance) for s in a.statements)) for a in members}
        assert len(judged) == len(members), name
        assert len({tuple((s.actor, s.stance) for s in a.statements) for a in members}) > 1, name


def test_what_is_measured_on_is_in_nothing_that_was_trained_on(hard_sets):
    learnt = {a.text for file in (PASSAGES, CONTRAST_TRAIN) for a in read_labels([file]).articles}
    for articles in (hard_sets, read_labels([CONTRAST_TEST]).articles, read_labels([NEW_CONFLICT]).articles):
        assert not {a.text for a in articles} & learnt


def test_no_stance_is_rare_in_the_hard_sets(hard_sets):
    stances = [s.stance for s in statements_of(hard_sets)]
    assert len(stances) > 7_500
    assert all(stances.count(stance) > 0.3 * len(stances) for stance in set(stances))
