import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.model.quotation import find_quotes, outermost
from quotestance.model.types import Span

MARKS = "\"'“”„«»‹›‘’`＂"
ANY_TEXT = st.text(alphabet=st.one_of(st.characters(), st.sampled_from(MARKS + " ,.ab\n\ud800")), max_size=200)


def inside(text: str) -> list[str]:
    return [q.inner.of(text) for q in outermost(find_quotes(text, Span(0, len(text))))]


@pytest.mark.parametrize(
    "quoted",
    ["“{}”", '"{}"', "„{}“", "„{}”", "«{}»", "»{}«", "‹{}›", "‘{}’", "'{}'", "``{}''", "＂{}＂"],
)
def test_every_kind_of_mark_is_paired(quoted: str) -> None:
    text = f"He called it {quoted.format('a grave mistake')} on Monday."
    assert inside(text) == ["a grave mistake"]


@pytest.mark.parametrize(
    "text",
    [
        "Dor's mayor didn't see the rebels' tanks in '98.",
        "Dor’s mayor didn’t see the rebels’ tanks in ’98.",
        "It wasn't the pilots' fault, it was the generals'.",
    ],
)
def test_apostrophes_are_no_quote_marks(text: str) -> None:
    assert inside(text) == []


def test_apostrophes_inside_single_quotes_do_not_end_them() -> None:
    assert inside("She said ‘we won’t forget Dor’s dead’ and left.") == ["we won’t forget Dor’s dead"]


def test_mixed_marks_in_one_paragraph() -> None:
    assert inside("It was “grave”, a \"crime\" and a 'shame'.") == ["grave", "crime", "shame"]


def test_quotes_nest() -> None:
    text = "“He told me ‘go home’ and left,” she said."
    found = find_quotes(text, Span(0, len(text)))
    assert [(q.inner.of(text), q.depth) for q in found] == [("He told me ‘go home’ and left,", 0), ("go home", 1)]
    assert [q.depth for q in outermost(found)] == [0]


def test_a_missing_closing_mark_leaves_an_open_quote() -> None:
    text = "“We will go on. We will win."
    (quote,) = find_quotes(text, Span(0, len(text)))
    assert quote.inner.of(text) == "We will go on. We will win."
    assert not quote.closed


def test_a_second_opening_mark_ends_an_open_quote() -> None:
    text = "“We will go on, he said. “We will win.”"
    assert inside(text) == ["We will go on, he said. ", "We will win."]


def test_a_stray_closing_mark_is_ignored() -> None:
    assert inside("We will go on.” He left. “Never,” she said.") == ["Never,"]


def test_only_the_given_stretch_is_read() -> None:
    text = '"one" two "three"'
    assert [q.inner.of(text) for q in find_quotes(text, Span(6, len(text)))] == ["three"]


@given(ANY_TEXT)
def test_quotes_lie_inside_their_marks_and_in_order(text: str) -> None:
    found = find_quotes(text, Span(0, len(text)))
    for quote in found:
        assert 0 <= quote.outer.start < quote.inner.start <= quote.inner.end <= quote.outer.end <= len(text)
        assert text[quote.outer.start] in MARKS
    top = outermost(found)
    assert all(a.outer.end <= b.outer.start for a, b in pairwise(top))


@pytest.mark.parametrize("unit", ['"', "“", "'", " 'a", "“a ", "«‹“‘ "])
def test_ten_thousand_marks_are_read_in_linear_time(unit: str) -> None:
    text = unit * 10_000
    start = time.perf_counter()
    find_quotes(text, Span(0, len(text)))
    assert time.perf_counter() - start < 5


def test_a_plural_possessive_does_not_end_a_quote() -> None:
    text = "‘The rebels’ attack was a crime,’ he said."
    assert [q.inner.of(text) for q in find_quotes(text, Span(0, len(text)))] == ["The rebels’ attack was a crime,"]
