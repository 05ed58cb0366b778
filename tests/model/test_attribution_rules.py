import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.model.attribution_rules import attribute
from quotestance.model.segmentation import segment

Found = tuple[str, str | None, str | None, str]  # kind, speaker, cue, quote

PIECES = st.sampled_from(
    [
        "“",
        "”",
        '"',
        "'",
        "‘",
        "’",
        "said",
        " said ",
        "Falk",
        " he ",
        ", ",
        ". ",
        "\n\n",
        "condemned",
        "the raid",
        "that ",
    ]
)
ANY_TEXT = st.one_of(st.text(max_size=200), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=60).map("".join))
EXAMPLE = Path(__file__).parents[3] / "shared" / "examples" / "us-strikes-2021-06.json"


def read(text: str, title: str | None = None) -> list[Found]:
    return [
        (a.kind, a.speaker.of(text) if a.speaker else None, a.cue.of(text) if a.cue else None, a.quote.of(text))
        for a in attribute(segment(text, title))
    ]


@pytest.mark.parametrize(
    ("text", "speaker", "cue"),
    [
        ("“We will strike them again,” Falk said on Monday.", "Falk", "said"),
        ('"We will strike them again," said Ada Obi, a member of the council.', "Ada Obi", "said"),
        ("„We will strike them again“, she told reporters.", "she", "told"),
        ("«We will strike them again», added the defence ministry.", "the defence ministry", "added"),
        ("Falk told the Dor Courier: ‘We will strike them again’.", "Falk", "told"),
        ("Gen. Rui Falk, who leads the air force, said: “We will strike them again.”", "Gen. Rui Falk", "said"),
        ("“We will strike them again,” Ada Obi, the head of the council in Dor, said.", "Ada Obi", "said"),
    ],
)
def test_direct_speech_goes_to_the_speaker_its_cue_names(text: str, speaker: str, cue: str) -> None:
    (found,) = read(text)
    assert found[:3] == ("direct", speaker, cue)
    assert found[3].rstrip(".") == "We will strike them again"


def test_a_quote_of_several_sentences_yields_one_statement_each() -> None:
    assert read("“They had to go. We had no choice,” Falk said.") == [
        ("direct", "Falk", "said", "They had to go."),
        ("direct", "Falk", "said", "We had no choice"),
    ]


def test_a_quote_split_by_its_cue_keeps_its_speaker() -> None:
    assert read("“The raid,” Falk said, “was a grave mistake.”") == [
        ("direct", "Falk", "said", "The raid"),
        ("direct", "Falk", "said", "was a grave mistake."),
    ]


def test_a_question_in_quotes_belongs_to_who_asked_it() -> None:
    assert read("“Why did they bomb the mill?” Ada Obi asked.") == [
        ("direct", "Ada Obi", "asked", "Why did they bomb the mill?")
    ]


def test_a_quote_without_a_cue_goes_to_the_nearest_speaker_before_it() -> None:
    found = read("“We had no choice,” Falk said. “They had to go.”\n\n“It will happen again.”")
    assert [(f[1], f[2]) for f in found] == [("Falk", "said"), ("Falk", None), ("Falk", None)]


def test_a_quote_that_runs_over_paragraphs_keeps_its_speaker() -> None:
    found = read("“We had no choice,” Falk said. “They had to go. It was late.\n\n“It will happen again.”")
    assert [f[3] for f in found] == ["We had no choice", "They had to go.", "It was late.", "It will happen again."]
    assert {f[1] for f in found} == {"Falk"}


def test_a_missing_closing_mark_does_not_swallow_the_paragraph() -> None:
    found = read("Falk said: “They had to go. Nine people died. Obi condemned the raid.")
    assert [f[3] for f in found] == ["They had to go.", "condemned the raid"]


def test_a_colon_leads_in_a_quote() -> None:
    (found,) = read("Ada Obi summed it up for the radio: “We had no choice.”")
    assert found[1] == "Ada Obi"


def test_a_quote_before_any_speaker_has_none() -> None:
    assert read("“It will happen again.”") == [("direct", None, None, "It will happen again.")]


@pytest.mark.parametrize(
    ("text", "speaker", "cue", "quote"),
    [
        ("Falk said that the raid killed nine people.", "Falk", "said", "the raid killed nine people"),
        ("Falk said on Monday the raid killed nine people.", "Falk", "said", "the raid killed nine people"),
        ("Falk said in a statement that the raid failed.", "Falk", "said", "the raid failed"),
        ("Falk told reporters in Dor that the raid failed.", "Falk", "told", "the raid failed"),
        ("The raid killed nine people, the ministry said.", "the ministry", "said", "The raid killed nine people"),
        ("The raid killed nine people the ministry said.", "the ministry", "said", "The raid killed nine people"),
        ("The raid killed nine, said Ada Obi, a doctor.", "Ada Obi", "said", "The raid killed nine"),
        ("According to the ministry, the raid failed.", "the ministry", "According to", "the raid failed"),
        ("The raid killed nine people, according to Obi.", "Obi", "according to", "The raid killed nine people"),
        ("Falk, who leads the army, said the raid failed.", "Falk", "said", "the raid failed"),
        ("Falk, however, said the raid failed.", "Falk", "said", "the raid failed"),
        ("Residents reached in the city say the raid failed.", "Residents", "say", "the raid failed"),
        ("The army warned Dor that its raids would go on.", "The army", "warned", "its raids would go on"),
    ],
)
def test_indirect_speech_yields_the_complement(text: str, speaker: str, cue: str, quote: str) -> None:
    assert read(text) == [("indirect", speaker, cue, quote)]


@pytest.mark.parametrize(
    ("text", "speaker", "quote"),
    [
        ("Dor condemned the strikes.", "Dor", "condemned the strikes"),
        ("Ada Obi, who opposes the raid, left the room.", "Ada Obi", "opposes the raid"),
        ("Dor has often called for a halt to raids.", "Dor", "has often called for a halt to raids"),
        ("The raid was praised by the militia.", "the militia", "was praised by the militia"),
        ("Three senators voted against the raid.", "Three senators", "voted against the raid"),
        ("Falk accused the militia of hiding rockets.", "Falk", "accused the militia of hiding rockets"),
    ],
)
def test_an_attitude_is_the_clause_with_its_verb(text: str, speaker: str, quote: str) -> None:
    assert [(f[0], f[1], f[3]) for f in read(text)] == [("indirect", speaker, quote)]


def test_words_in_marks_inside_a_clause_are_mixed() -> None:
    assert read("Falk said the raid was a “grave mistake” of the army.") == [
        ("mixed", "Falk", "said", "the raid was a “grave mistake” of the army")
    ]


def test_scare_quotes_in_narrative_are_no_statement() -> None:
    assert read("The “strong message” came at dawn. A so-called “safe zone” burned.") == []


def test_participles_share_the_subject_of_the_sentence() -> None:
    found = read("Falk said the raid failed, adding that nine people died and urging calm.")
    assert [(f[1], f[2]) for f in found] == [("Falk", "said"), ("Falk", "adding"), ("Falk", "urging")]
    assert found[0][3] == "the raid failed"


def test_a_participle_in_front_waits_for_its_subject() -> None:
    found = read("Calling the raid a crime, Ada Obi said the army must leave.")
    assert [(f[1], f[2]) for f in found] == [("Ada Obi", "Calling"), ("Ada Obi", "said")]


def test_two_clauses_with_two_speakers_stay_apart() -> None:
    assert read("Falk said the strikes sent a message, while Dor condemned the assault.") == [
        ("indirect", "Falk", "said", "the strikes sent a message"),
        ("indirect", "Dor", "condemned", "condemned the assault"),
    ]


def test_coordinated_verbs_share_their_subject() -> None:
    found = read("Dor condemned the raid and called for a halt.")
    assert [(f[1], f[3]) for f in found] == [("Dor", "condemned the raid"), ("Dor", "called for a halt")]


def test_nouns_report_stances_too() -> None:
    found = read("The raid drew sharp criticism from the union of doctors.")
    assert found == [("indirect", "the union of doctors", "criticism", "sharp criticism from the union of doctors")]


@pytest.mark.parametrize(
    "text",
    [
        "The army continued to bomb the mill.",
        "The calls came at night and the reported raid never happened.",
        "Planes hit the mill. Nine people died.",
        "I think the raid failed.",
        "The militia was accused of murder.",
    ],
)
def test_narrative_yields_nothing(text: str) -> None:
    assert read(text) == []


def test_headings_and_page_rubbish_yield_nothing() -> None:
    rubbish = "Sign up for news, Falk said the raid failed\n\nClose Cookiebar banner"
    text = f"It rained.\n\n– ‘Cruel blow’ –\n\nObi condemns raid\n\n{rubbish}"
    assert read(text) == []


def test_no_speaker_has_overlapping_statements() -> None:
    text = "Falk said he condemned the raid and said Obi had called for it, warning that “worse” would come, he said."
    last: dict[str | None, int] = {}
    for attribution in attribute(segment(text)):
        speaker = attribution.speaker.of(text) if attribution.speaker else None
        assert attribution.quote.start >= last.get(speaker, 0)
        last[speaker] = attribution.quote.end


@given(ANY_TEXT)
def test_spans_lie_in_the_text_in_order(text: str) -> None:
    found = attribute(segment(text))
    assert [a.quote.start for a in found] == sorted(a.quote.start for a in found)
    assert len({a.quote for a in found}) == len(found)
    for attribution in found:
        for span in (attribution.quote, attribution.speaker, attribution.cue):
            if span is not None:
                assert 0 <= span.start < span.end <= len(text)
                assert span.of(text) == span.of(text).strip()


@pytest.mark.parametrize(
    "unit",
    [
        '"',
        "“",
        "he said ",
        "Falk said “we won,” and Obi condemned it. ",
        "\ud800 said '",
        "and ",
        "the call from ",
        ", who said ",
    ],
)
def test_time_is_linear(unit: str) -> None:
    text = "Falk " + unit * (60_000 // len(unit))
    start = time.thread_time()
    attribute(segment(text))
    assert time.thread_time() - start < 5


@pytest.mark.skipif(not EXAMPLE.exists(), reason="the example article is not beside the repository")
def test_the_first_real_article_is_read_as_a_person_reads_it() -> None:
    article = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    found = read(article["text"], article["title"])
    speakers = {f[1] for f in found}
    assert {"Blinken", "Baghdad", "Kadhemi", "the group", "the Hashed", "the Pentagon", "the Observatory"} <= speakers
    assert ("it", "said") in {(f[1], f[2]) for f in found if "blatant attack" in f[3]}
    assert [f[1] for f in found if f[2] == "denounced"] == ["French Foreign Minister Jean-Yves Le Drian"]
    assert not any("Treacherous" in f[3] or "banner" in f[3] for f in found)


def test_an_empty_it_stands_for_nobody_but_a_bodys_it_speaks() -> None:
    empty = "It was his latest threat, warning that the port would burn."
    assert not [f for f in read(empty) if f[1] == "It"]
    body = "It condemned the raid, warning that the port would burn."
    assert [f for f in read(body) if f[1] == "It"]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("The U.S.-led coalition said the raid had failed.", "The U.S.-led coalition"),
        ("The raid had failed, according to a report by the Dor Monitor.", "the Dor Monitor"),
        ("Rebels fighting President Rui Falk welcomed the raid.", "Rebels"),
        ("A lawyer representing Ada Obi said the raid was a crime.", "A lawyer"),
        ("In Dor, WHO said the hospital was destroyed.", "WHO"),
        ("Falk was quoted by Interfax as saying the raid was a crime.", "Falk"),
        ("Falk was quoted as saying the raid was a crime.", "Falk"),
        ("Interfax quoted Falk as saying the raid was a crime.", "Falk"),
    ],
)
def test_the_speaker_is_whoever_holds_the_view(text: str, speaker: str) -> None:
    assert speaker in [found[1] for found in read(text)]
    assert {found[1] for found in read(text)} <= {speaker, "Interfax"}


def test_quotes_that_never_close_take_linear_time() -> None:
    started = time.process_time()
    read("“I go. " * 4_000)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("text", "speaker", "quote"),
    [
        ("Egypt, Jordan and Oman condemned the strike.", "Egypt, Jordan and Oman", "condemned the strike"),
        (
            "The Islamic State (IS) group said it carried out the raid.",
            "The Islamic State (IS) group",
            "it carried out the raid",
        ),
        ("The Dor Workers' Party said the raid failed.", "The Dor Workers' Party", "the raid failed"),
        (
            "A diplomat who asked not to be named said the strike was a mistake.",
            "A diplomat",
            "the strike was a mistake",
        ),
        ("Dor's Supreme Security Council said it would respond.", "Dor's Supreme Security Council", "it would respond"),
    ],
)
def test_the_whole_speaker_says_one_thing(text: str, speaker: str, quote: str) -> None:
    assert [(found[1], found[3]) for found in read(text)] == [(speaker, quote)]
