import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.model.document import Document
from quotestance.model.segmentation import LONGEST_SENTENCE, segment

ANY_TEXT = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\"'“”‘’«».,?! \n\tAb\ud800")), max_size=300)


def sentences(document: Document) -> list[str]:
    return [s.of(document.text) for p in document.body for s in p.sentences]


def kinds(document: Document) -> list[tuple[str, str]]:
    return [(p.kind, p.span.of(document.text)) for p in document.paragraphs]


@pytest.mark.parametrize(
    "text",
    [
        "Sen. Ada Obi met Lt. Gen. Rui Falk on Jan. 5.",
        "The U.S. Navy fired first.",
        "J. K. Moreau of No. 7 Squadron flew home.",
        "It cost $2.5 million, Mr. Vale said.",
        "Fighters from the U.K. and the U.N. mission left at 6 a.m. on Sunday.",
    ],
)
def test_abbreviations_do_not_end_a_sentence(text: str) -> None:
    assert sentences(segment(text)) == [text]


def test_an_abbreviation_may_end_a_sentence() -> None:
    text = "They flew home to the U.S. The raid was over."
    assert sentences(segment(text)) == ["They flew home to the U.S.", "The raid was over."]


def test_a_sentence_ends_inside_its_closing_quote_mark() -> None:
    text = "“We won’t stop.” The envoy left. “Why should we?” Nobody answered."
    assert sentences(segment(text)) == ["“We won’t stop.”", "The envoy left.", "“Why should we?”", "Nobody answered."]


def test_sentences_that_lost_the_space_between_them_are_separated() -> None:
    assert sentences(segment("The raid ended.The envoy left.")) == ["The raid ended.", "The envoy left."]


def test_a_flattened_article_without_paragraphs_is_one_body_paragraph() -> None:
    text = "Falk said the raid killed nine people He gave no proof. Warplanes hit Dor on Monday activists said."
    document = segment(text)
    assert [p.kind for p in document.paragraphs] == ["body"]
    assert len(sentences(document)) == 2


def test_blank_lines_and_single_newlines_separate_paragraphs() -> None:
    text = "The first raid came at dawn.\nThe second came at noon.\r\n\r\nNobody slept."
    assert [p.span.of(text) for p in segment(text).paragraphs] == [
        "The first raid came at dawn.",
        "The second came at noon.",
        "Nobody slept.",
    ]


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    text = (
        "    The frigates shelled two platforms in the\ngulf on Monday in what the ministry\n"
        "called an answer to the missile that hit a\ntanker last week, officials said.\n"
        "    No sailor was hurt in the attack, which\nlasted for an hour and a half.\n"
    )
    assert [p.span.of(text)[:12] for p in segment(text).paragraphs] == ["The frigates", "No sailor wa"]


@pytest.mark.parametrize("line", ["– ‘Cruel blow’ –", "Talks resume", "A NEW WAR", "-- “No way back” --"])
def test_section_headings_are_headings(line: str) -> None:
    document = segment(f"The raid came at dawn.\n\n{line}\n\nNobody slept.")
    assert kinds(document)[1] == ("heading", line)
    assert document.paragraphs[1].sentences == ()


def test_a_repeated_title_is_a_heading() -> None:
    document = segment(
        "Falk defends the raid: “We had to.”\n\nThe raid came at dawn.", "Falk Defends the Raid: ‘We had to’"
    )
    assert [p.kind for p in document.paragraphs] == ["heading", "body"]


def test_a_long_last_line_that_ends_with_a_quote_is_body() -> None:
    text = "It rained.\n\nThe League of the Hills said it “strongly condemns the cruel blow that hit the border”"
    assert [p.kind for p in segment(text).paragraphs] == ["body", "body"]


@pytest.mark.parametrize(
    "line",
    [
        "Close Cookiebar banner",
        "Sign up for our morning letter.",
        "Read more: how the war began",
        "SEE ALSO: Falk resigns",
        "Advertisement",
        "Copyright 2031 The Dor Courier. All rights reserved.",
        "Enlarge this image toggle caption Ada Obi/AP",
        "Photo: Ada Obi",
        "Facebook Twitter Email",
        "(AP Photo/Ada Obi)",
        "Monday, March 3, 2031",
        "* * *",
    ],
)
def test_page_rubbish_is_boilerplate(line: str) -> None:
    assert kinds(segment(f"The raid came at dawn.\n\n{line}"))[1] == ("boilerplate", line)


def test_a_sentence_that_begins_like_rubbish_is_body() -> None:
    assert kinds(segment("It rained.\n\nRelated stories were told by the villagers of Dor."))[1][0] == "body"


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ud800", "\u202eملف"])
def test_odd_texts_are_segmented(text: str) -> None:
    assert segment(text).text == text


@given(ANY_TEXT)
def test_spans_are_ordered_disjoint_and_cover_every_letter(text: str) -> None:
    document = segment(text)
    position = 0
    for paragraph in document.paragraphs:
        assert position <= paragraph.span.start < paragraph.span.end <= len(text)
        assert not text[position : paragraph.span.start].strip()
        position = paragraph.span.end
        inside = paragraph.span.start
        for sentence in paragraph.sentences:
            assert not text[inside : sentence.start].strip()
            assert inside <= sentence.start < sentence.end <= paragraph.span.end
            inside = sentence.end
        if paragraph.kind == "body":
            assert inside == paragraph.span.end
    assert not text[position:].strip()


def test_no_sentence_is_longer_than_the_cap() -> None:
    document = segment("word " * 5000 + "x" * 10_000)
    assert max(s.end - s.start for p in document.body for s in p.sentences) <= LONGEST_SENTENCE


@pytest.mark.parametrize("unit", ["The raid came. ", "a.", ".", "“", "a\n", "? ! "])
def test_time_is_linear(unit: str) -> None:
    text = "x" + unit * (400_000 // len(unit)) + "x"
    start = time.perf_counter()
    segment(text)
    assert time.perf_counter() - start < 10


def test_a_spaced_ellipsis_and_titles_cut_no_sentence() -> None:
    for text in ("He said it was . . . a crime.", "Messrs. Falk and Obi met Pfc. Brandt at Ft. Dor."):
        assert [s.of(text) for p in segment(text).body for s in p.sentences] == [text]
