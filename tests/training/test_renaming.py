"""Names exchanged in training passages: the same ones in question and passage, and nothing else."""

import random

from quotestance.model.passages import Passage
from quotestance.training.renaming import _STATES, renamed

PASSAGE = Passage(
    "the Iranian foreign ministry : U.S. air strikes on Islamic State near Raqqa, Syria",
    "The United States bombed Raqqa on Monday. [SPEAKER] Tehran [/SPEAKER] said that [QUOTE] Iran and Syria condemn "
    "Washington and ISIS alike [/QUOTE]",
)


def test_every_state_and_group_gets_another_name_the_same_throughout() -> None:
    for seed in range(30):
        other = renamed(PASSAGE, random.Random(seed))
        words = f"{other.question} {other.text}"
        for name in ("Iran", "Tehran", "U.S.", "United States", "Washington", "Syria", "ISIS", "Islamic State"):
            assert name not in words
        assert words.count("Raqqa") == 2
        for mark in ("[SPEAKER]", "[/SPEAKER]", "[QUOTE]", "[/QUOTE]"):
            assert mark in other.text


def test_forms_of_one_state_become_the_same_forms_of_one_other() -> None:
    passage = Passage("Iran : French strikes", "Iranian jets, Tehran said; France and Paris and the French too")
    words = renamed(passage, random.Random(4))
    assert words == renamed(passage, random.Random(4))
    old_state, new_state = words.question.split(" : ")
    jets, _, rest = words.text.partition(" jets, ")
    capital = rest.split(" said")[0]
    (forms,) = [s for s in _STATES if s[0] == old_state]
    assert (forms[1], forms[3]) == (jets, capital)
    (theirs,) = [s for s in _STATES if new_state.startswith(s[1])]
    assert theirs[0].removeprefix("the ") in words.text
    assert theirs[3] in words.text


def test_a_passage_without_names_stays_as_it_is() -> None:
    passage = Passage("the mayor : the raid", "[QUOTE] a crime [/QUOTE], the mayor said")
    assert renamed(passage, random.Random(0)) == passage
