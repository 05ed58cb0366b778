"""From tags to statements: cut at sentences, without marks and "that", attitudes with their cue."""

from hypothesis import given
from hypothesis import strategies as st

from quotestance.model.segmentation import segment
from quotestance.model.tagged_statements import statements
from quotestance.model.tagger import TaggedAttribution
from quotestance.model.types import Attribution, Span

TEXT = (
    "Harbour raid divides council\n\n"
    "Mayor Ilse Brandt told reporters: “The jets came too late. We had asked for them in March.”\n\n"
    "The dockers' union condemned the raid on the harbour. Its chairman, Piet Mulder, said that the raid was "
    "“a bill sent to the wrong house”."
)


def span(words: str) -> Span:
    return Span(TEXT.index(words), TEXT.index(words) + len(words))


def tag(cue: str, source: str, content: str, attitude: float = 0.0) -> TaggedAttribution:
    return TaggedAttribution(span(cue), (span(source),) if source else (), (span(content),), attitude)


def found(*tags: TaggedAttribution) -> list[Attribution]:
    return statements(segment(TEXT), tags)


def test_a_quote_of_two_sentences_is_two_statements_without_their_marks() -> None:
    result = found(tag("told", "Mayor Ilse Brandt", "“The jets came too late. We had asked for them in March.”"))
    assert [a.quote.of(TEXT) for a in result] == ["The jets came too late.", "We had asked for them in March."]
    assert {a.kind for a in result} == {"direct"}
    assert {a.speaker.of(TEXT) for a in result if a.speaker} == {"Mayor Ilse Brandt"}


def test_an_attitude_holds_its_cue() -> None:
    (result,) = found(tag("condemned", "The dockers' union", "the raid on the harbour", attitude=0.9))
    assert result.quote.of(TEXT) == "condemned the raid on the harbour"
    assert result.kind == "indirect"


def test_indirect_speech_loses_that_and_the_full_stop_but_keeps_marks_within() -> None:
    (result,) = found(tag("said", "Piet Mulder", "that the raid was “a bill sent to the wrong house”."))
    assert result.quote.of(TEXT) == "the raid was “a bill sent to the wrong house”"
    assert result.kind == "mixed"


def test_a_cue_in_a_heading_yields_nothing() -> None:
    assert found(tag("divides", "Harbour raid", "council")) == []


def test_reported_speech_without_a_source_goes_to_who_spoke_before_in_its_sentence_or_to_nobody() -> None:
    nameless = TaggedAttribution(span("said"), (span(","),), (span("the raid was"),), 0.0)
    assert found(nameless) == []
    before = tag("chairman", "Its chairman", ", Piet Mulder, said that the")
    assert {a.speaker.of(TEXT) for a in found(before, nameless) if a.speaker} == {"Its chairman"}
    assert len(found(before, nameless)) == 2


def test_the_writers_own_i_is_no_actor_but_a_transcripts_is() -> None:
    text = "I think the raid was a mistake.\n\nILSE BRANDT: I think the raid was a mistake."
    second = text.rindex("I think")
    tags = [
        TaggedAttribution(Span(at + 2, at + 7), (Span(at, at + 1),), (Span(at + 8, at + 30),), 0.0)
        for at in (0, second)
    ]
    (result,) = statements(segment(text), tags)
    assert result.speaker is not None
    assert result.speaker.of(text) == "ILSE BRANDT"


@given(st.lists(st.tuples(*[st.integers(0, len(TEXT) - 1)] * 6, st.floats(0, 1)), max_size=6))
def test_any_tags_give_statements_inside_the_text(rows: list[tuple[int, int, int, int, int, int, float]]) -> None:
    tags = []
    for a, b, c, d, e, f, attitude in rows:
        cue, source, content = (Span(min(x, y), max(x, y) + 1) for x, y in ((a, b), (c, d), (e, f)))
        tags.append(TaggedAttribution(cue, (source,), (content,), attitude))
    for attribution in found(*tags):
        assert 0 <= attribution.quote.start < attribution.quote.end <= len(TEXT)
        assert attribution.quote.of(TEXT).strip() == attribution.quote.of(TEXT)


def test_behind_a_lost_closing_mark_only_what_says_i_or_we_is_still_a_quote() -> None:
    text = "Falk said: “They had to go. We warned them. Nine people died, the ministry said. It was dark."
    content = Span(text.index("They"), text.index(", the ministry"))
    said = TaggedAttribution(Span(5, 9), (Span(0, 4),), (content,), 0.0)
    kinds = {a.quote.of(text): a.kind for a in statements(segment(text), [said])}
    assert kinds == {"They had to go.": "direct", "We warned them.": "direct", "Nine people died": "indirect"}
