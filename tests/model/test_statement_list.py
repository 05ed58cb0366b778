"""The rules' and the tagger's statements as one list."""

import pytest

from quotestance.model.joint_speakers import one_speaker_each
from quotestance.model.segmentation import segment
from quotestance.model.statement_list import combine, without_doubles
from quotestance.model.types import Attribution, Kind, Span

TEXT = (
    "“No shell will be fired from our yard,” Colonel Ada Reuss said, according to the Lindau Post. "
    "The council, which opposed the barrage, adjourned. Norvania and Sudmark said the guns must fall silent."
)


def span(words: str) -> Span:
    return Span(TEXT.index(words), TEXT.index(words) + len(words))


def said(quote: str, speaker: str | None, cue: str | None, kind: Kind = "indirect") -> Attribution:
    return Attribution(span(quote), span(speaker) if speaker else None, span(cue) if cue else None, kind)


QUOTE = "No shell will be fired from our yard"


def test_who_speaks_goes_before_who_relays() -> None:
    relayed = said(QUOTE, "the Lindau Post", "according to", "direct")
    spoken = said(QUOTE, "Colonel Ada Reuss", "said", "direct")
    assert without_doubles(TEXT, [relayed, spoken]) == [spoken]
    assert without_doubles(TEXT, [spoken, relayed]) == [spoken]
    assert combine(TEXT, [spoken], [relayed]) == [spoken]


def test_a_quote_without_a_cue_takes_the_taggers_speaker() -> None:
    (result,) = combine(TEXT, [said(QUOTE, None, None, "direct")], [said(QUOTE, "Colonel Ada Reuss", "said", "direct")])
    assert result.speaker == span("Colonel Ada Reuss")
    assert result.cue == span("said")


def test_which_gives_way_to_the_noun_that_the_rules_found() -> None:
    tagged = said("opposed the barrage", "which", "opposed")
    (result,) = combine(TEXT, [said("opposed the barrage", "The council", "opposed")], [tagged])
    assert result.speaker == span("The council")


def test_what_only_one_of_them_found_is_kept_and_nothing_is_listed_twice() -> None:
    by_rule = [said("opposed the barrage", "The council", "opposed")]
    by_tag = [said("the guns must fall silent", "Norvania and Sudmark", "said")]
    assert [a.quote for a in combine(TEXT, by_rule, by_tag)] == [by_rule[0].quote, by_tag[0].quote]
    assert len(combine(TEXT, by_rule, by_rule)) == 1


def test_the_occasion_alone_is_no_statement() -> None:
    text = "“We go on,” the group said in a statement posted online. She said in a speech that guns kill, bread feeds."
    occasion = Attribution(
        Span(text.index("in a statement"), text.index(". She")), Span(11, 20), Span(22, 26), "indirect"
    )
    assert combine(text, [occasion], []) == []
    told = Span(text.index("in a speech"), len(text) - 1)
    assert len(combine(text, [Attribution(told, Span(57, 60), Span(61, 65), "indirect")], [])) == 1


def test_speakers_named_together_speak_one_by_one() -> None:
    statement = said("the guns must fall silent", "Norvania and Sudmark", "said")
    result = one_speaker_each(segment(TEXT), [statement])
    assert [a.speaker.of(TEXT) for a in result if a.speaker] == ["Norvania", "Sudmark"]
    assert {a.quote for a in result} == {statement.quote}


def test_allies_from_two_countries_are_one_speaker() -> None:
    text = "Allies from Norvania and Sudmark said the guns must fall silent."
    speaker = Span(0, text.index(" said"))
    statement = Attribution(Span(text.index("the guns"), len(text) - 1), speaker, None, "indirect")
    assert one_speaker_each(segment(text), [statement]) == [statement]


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("in a statement posted online", False),
        ("told reporters on Monday", False),
        ("to reporters", False),
        ("in a letter obtained by the Lindau Post", False),
        ("to release the report by Friday", True),
        ("to address concerns over civilian deaths", True),
        ("in the report nine villages were burned", True),
    ],
)
def test_an_occasion_is_no_statement_and_what_begins_like_one_is(content: str, kept: bool) -> None:
    text = f"Ada Reuss agreed {content}."
    tagged = Attribution(Span(17, 17 + len(content)), Span(0, 9), Span(10, 16), "indirect")
    assert combine(text, [], [tagged]) == [tagged] * kept


def test_the_organisation_who_does_not_give_way() -> None:
    text = "In Dor, WHO said the ward was hit."
    tagged = Attribution(Span(17, 33), Span(8, 11), Span(12, 16), "indirect")
    by_rule = Attribution(Span(17, 33), Span(3, 6), Span(12, 16), "indirect")
    assert combine(text, [by_rule], [tagged]) == [tagged]
