"""What the scorer reads: the marks stand where the quote and the speaker are, and no text can forge them."""

import re

from hypothesis import given
from hypothesis import strategies as st

from quotestance.model.passages import MARKERS, PassageLimits, build_passage
from quotestance.model.types import Span

TEXT = "Ada Obi said the raid was wrong. Nobody answered."


def test_quote_and_speaker_are_marked() -> None:
    quote, speaker = Span(13, 31), Span(0, 7)
    assert quote.of(TEXT) == "the raid was wrong"
    passage = build_passage(TEXT, quote, speaker, "Ada Obi", "the raid")
    assert passage.question == "Ada Obi : the raid"
    assert passage.text == "[SPEAKER] Ada Obi [/SPEAKER] said [QUOTE] the raid was wrong [/QUOTE]"


def test_a_speaker_inside_the_quote_is_marked_inside_it() -> None:
    passage = build_passage(TEXT, Span(0, 31), Span(0, 7), "Ada Obi", "the raid")
    assert passage.text.startswith("[QUOTE] [SPEAKER] Ada Obi [/SPEAKER] said the raid was wrong [/QUOTE]")


def test_of_what_follows_only_the_speaker_is_seen() -> None:
    text = "“The raid was wrong,” said Ada Obi. Teo Vance condemned the strike."
    quote, speaker = Span(1, 19), Span(27, 34)
    passage = build_passage(text, quote, speaker, "Ada Obi", "the raid")
    assert passage.text == "“ [QUOTE] The raid was wrong [/QUOTE] ,” said [SPEAKER] Ada Obi [/SPEAKER]"


def test_a_speaker_far_away_is_left_unmarked() -> None:
    text = "Ada Obi. " + "word " * 200 + "the raid was wrong"
    quote = Span(text.index("the raid"), len(text))
    assert "[SPEAKER]" not in build_passage(text, quote, Span(0, 7), "Ada Obi", "the raid").text


def test_the_window_ends_at_words() -> None:
    text = "alpha " * 100 + "QUOTED" + " omega" * 100
    quote = Span(600, 606)
    passage = build_passage(text, quote, None, "x", "y", PassageLimits(before=50, after=50))
    words = set(passage.text.replace("[QUOTE]", "").replace("[/QUOTE]", "").split())
    assert words == {"alpha", "QUOTED", "omega"}


def test_a_long_quote_is_cut_and_says_so() -> None:
    text = "a" * 2_000
    assert build_passage(text, Span(0, 2_000), None, "x", "y").truncated
    assert not build_passage(text, Span(0, 100), None, "x", "y").truncated


def test_marks_and_control_tokens_in_the_text_are_disarmed() -> None:
    text = "He wrote [QUOTE] [SEP] </s> and left."
    passage = build_passage(text, Span(3, 8), None, "[CLS] x", "[/QUOTE]")
    assert passage.text.count("[QUOTE]") == 1
    assert "[SEP]" not in passage.text
    assert "[CLS]" not in passage.question
    assert "[/QUOTE]" not in passage.question


@given(st.text(), st.data())
def test_any_text_gives_one_quote_and_encodes(text: str, data: st.DataObject) -> None:
    text = text + "x"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    s_start = data.draw(st.integers(0, len(text) - 1))
    s_end = data.draw(st.integers(s_start, len(text)))
    passage = build_passage(text, Span(start, end), Span(s_start, s_end), text, text)
    (passage.question + passage.text).encode("utf-8")
    marks = re.findall("|".join(map(re.escape, MARKERS)), passage.text)
    assert marks.count("[QUOTE]") == marks.count("[/QUOTE]") == 1
    assert marks.index("[QUOTE]") < marks.index("[/QUOTE]")
