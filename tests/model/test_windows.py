"""Windows of paragraphs: every token once as its window's own, offsets into the text as given."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quotestance.model.attribution_network import ARGUMENT_TAGS
from quotestance.model.tagger import decode, tag_spans
from quotestance.model.types import Span
from quotestance.model.windows import Token, shape_of, windows


def tokens(counts: list[int]) -> list[list[Token]]:
    at = iter(range(10_000))
    return [[Token(7, Span(i, i + 1), 0) for i in (next(at) for _ in range(n))] for n in counts]


@given(st.lists(st.integers(0, 40), max_size=12), st.integers(1, 30), st.integers(0, 10))
def test_every_token_is_owned_once_in_order(counts: list[int], size: int, context: int) -> None:
    paragraphs = tokens(counts)
    made = windows(paragraphs, first=1, separator=2, size=size, context=context)
    owned = [w.tokens[i].span.start for w in made for i in w.own if w.tokens[i].id == 7]
    assert owned == list(range(sum(counts)))
    for window in made:
        assert len(window.tokens) == len(window.paragraphs)
        assert window.tokens[0].id == 1
        assert window.tokens[-1].id == 2
        assert len(window.tokens) <= size + max(1, size // 16) + 4 * context + 2


def test_a_list_of_short_lines_fits_an_encoder() -> None:
    made = windows(tokens([2] * 400), first=1, separator=2, size=320, context=40)
    assert max(len(w.tokens) for w in made) <= 512


def test_a_paragraph_that_fits_is_not_cut() -> None:
    made = windows(tokens([10, 15, 8]), first=1, separator=2, size=20, context=0)
    assert [len([i for i in w.own if w.tokens[i].id == 7]) for w in made] == [10, 15, 8]


def test_shapes_tell_case_and_quotes() -> None:
    assert [shape_of(w, False) for w in ("raid", "Raid", "NATO", "7", "")] == [0, 1, 2, 3, 3]
    assert shape_of("raid", True) == 4


def test_decoding_never_starts_inside() -> None:
    scores = np.full((1, 3, len(ARGUMENT_TAGS)), -5.0, np.float32)
    inside, begin = ARGUMENT_TAGS.index("I-content"), ARGUMENT_TAGS.index("B-content")
    scores[0, :, inside] = -0.1  # the best tag at every token, but nothing may start with it
    scores[0, 0, begin] = -1.0
    tags = decode(scores, ARGUMENT_TAGS)
    assert tags[0].tolist() == [begin, inside, inside]
    assert tag_spans(tags[0], begin) == [(0, 3)]


def test_neighbouring_spans_are_kept_apart() -> None:
    begin = ARGUMENT_TAGS.index("B-source")
    assert tag_spans(np.array([begin, begin + 1, begin, 0, begin], np.int8), begin) == [(0, 2), (2, 3), (4, 5)]
