"""The labelled passages that ship: whole, apart from each other, and sets that do ask for a difference."""

from collections import defaultdict

import pytest

from quotestance.training.labels import read_labels, statements_of
from quotestance.training.own_data import (
    CONTRAST_PAIRS,
    CONTRAST_TEST,
    CONTRAST_TRAIN,
    HARD_SETS,
    HELD_OUT_PAIRS,
    NEW_CONFLICT,
    PASSAGES,
    set_of,
)


@pytest.mark.parametrize("file", [HARD_SETS, CONTRAST_TEST, CONTRAST_PAIRS, HELD_OUT_PAIRS])
def test_the_passages_of_a_set_differ_in_a_label_or_in_the_strike_asked_about(file):
    sets = defaultdict(list)
    for article in read_labels([file]).articles:
        sets[article.doc_id[:-1]].append(article)
    assert min(map(len, sets.values())) > 1
    for name, members in sets.items():
        judged = {(a.target, a.text, tuple((s.actor, s.stance) for s in a.statements)) for a in members}
        assert len(judged) == len(members), name
        assert len({tuple((s.actor, s.stance) for s in a.statements) for a in members}) > 1, name


def test_what_is_measured_on_is_in_nothing_that_was_trained_on():
    learnt = read_labels([PASSAGES, CONTRAST_TRAIN, CONTRAST_PAIRS, HARD_SETS]).articles
    texts, ids = {a.text for a in learnt}, {set_of(a.doc_id) for a in learnt}
    for file in (CONTRAST_TEST, HELD_OUT_PAIRS, NEW_CONFLICT):
        for article in read_labels([file]).articles:
            assert article.text not in texts
            assert set_of(article.doc_id) not in ids


@pytest.mark.parametrize(("file", "least"), [(HARD_SETS, 7_500), (CONTRAST_PAIRS, 10_500), (HELD_OUT_PAIRS, 500)])
def test_no_stance_is_rare_in_the_sets(file, least):
    stances = [s.stance for s in statements_of(read_labels([file]).articles)]
    assert len(stances) > least
    assert all(stances.count(stance) > 0.28 * len(stances) for stance in set(stances))
