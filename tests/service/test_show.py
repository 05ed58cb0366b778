"""The rendering of a reading: marks in the right places, and hostile text as text."""

import io
from dataclasses import replace

import pytest
from fakes import TEXT, stance_of
from hostile import hostile_text
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from quotestance.model.types import Actor, ActorStance, Article, Reading, Span, Statement, Target
from quotestance.service.show import marked_text, show, visible


def statement(text: str, start: int, end: int, name: str, quote: str = "support") -> Statement:
    actor = Actor(name, "government")
    return Statement(
        text[start:end], Span(start, end), None, None, "", None, "direct", actor, True, (stance_of(quote),)
    )


def reading(text: str, *statements: Statement, **article: str) -> Reading:
    actors = tuple(ActorStance(s.actor, s.stances, (i,)) for i, s in enumerate(statements) if s.actor)
    return Reading(Article("a", text, **article), (Target("the strike"),), statements, actors, "fake-1")


def shown(value: Reading, terminal: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=100, highlight=False, markup=False, emoji=False)
    show(value, console)
    return stream.getvalue()


def coloured(value: Reading) -> dict[str, str]:
    """What is coloured, by style: the text under each span."""
    text = marked_text(value)
    return {str(span.style): text.plain[span.start : span.end] for span in text.spans}


def test_labels_and_colours_cover_label_and_quote_only():
    text = "Before. We agree. After. We object. End."
    value = reading(text, statement(text, 8, 17, "Ana"), statement(text, 25, 35, "Ben", "condemn"))
    assert marked_text(value).plain == "Before. [+ Ana] We agree. After. [− Ben] We object. End."
    assert coloured(value) == {
        "bold green": "[+ Ana] ",
        "green": "We agree.",
        "bold red": "[− Ben] ",
        "red": "We object.",
    }


def test_nested_statements_and_statements_out_of_order():
    text = "He told us that she said yes today."
    inner = statement(text, 25, 28, "Inner", "condemn")
    outer = statement(text, 16, 34, "Outer")
    value = reading(text, inner, outer)
    assert marked_text(value).plain == "He told us that [+ Outer] she said [− Inner] yes today."
    assert coloured(value)["green"] == "she said [− Inner] yes today"
    assert coloured(value)["red"] == "yes"


def test_two_statements_with_one_span():
    text = "All agree."
    value = reading(text, statement(text, 0, 10, "A"), statement(text, 0, 10, "B", "condemn"))
    assert marked_text(value).plain == "[+ A] [− B] All agree."
    assert coloured(value)["green"] == coloured(value)["red"] == "All agree."


@settings(deadline=None)  # a busy machine is not a failure
@given(hostile_text, st.data())
def test_any_text_with_any_spans_is_marked_and_printed(text, data):
    positions = st.integers(0, len(text))
    spans = data.draw(st.lists(st.tuples(positions, positions).map(sorted), max_size=5))
    value = reading(text, *(statement(text, start, end, text[:9]) for start, end in spans), title=text)
    plain = marked_text(value).plain
    assert len(plain) == len(text) + sum(len(f"[+ {' '.join(visible(text[:9]).split())}] ") for _ in spans)
    shown(value).encode("utf-8")


@settings(deadline=None)  # a busy machine is not a failure
@given(hostile_text)
def test_visible_text_keeps_its_length_and_holds_no_control(text):
    result = visible(text)
    assert len(result) == len(text)
    assert not any((c < " " and c != "\n") or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff" for c in result)


@pytest.mark.parametrize("c", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_bidi_overrides_are_replaced_everywhere(c):
    text = f"a{c}b"
    value = reading(text, statement(text, 0, 3, f"Ana{c}"), title=text, source=text, date=text)
    assert c not in shown(Reading(value.article, (Target(text),), value.statements, value.actors, text, False, (text,)))


def test_right_to_left_text_and_joined_emoji_stay():
    text = "قال الوزير 👩\u200d🚒 שלום"
    assert visible(text) == text


def test_escapes_and_markup_are_printed_as_text():
    text = "[bold red]x[/bold red] \x1b[2J\x1b]8;;https://x.example\x07 [/] :boom: \\[a]"
    value = reading(text, statement(text, 0, 5, "[red]Ana[/red]\x1b[0m"), title="[/oops] \x9b2J")
    for terminal in (False, True):
        out = shown(value, terminal)
        assert "\x1b[2J" not in out
        assert "\x1b]8" not in out
        assert "\x9b" not in out
    plain = shown(value)
    assert "\x1b" not in plain
    assert "[+ [red]Ana[/red]␛[0m] [bold red]x[/bold red] ␛[2J␛]8;;https://x.example␇ [/] :boom: \\[a]" in plain
    assert "[/oops] �2J" in plain


def test_colours_on_a_terminal():
    text = "We agree."
    assert "\x1b[32mWe agree." in shown(reading(text, statement(text, 0, 9, "Ana")), terminal=True)


def test_crlf_gives_plain_line_ends():
    assert visible("a\r\nb\rc\td") == "a \nb\nc d"
    assert "␍" not in shown(reading(TEXT.replace(" ", "\r\n")))


def test_the_actor_table_keeps_its_words_whole_at_80_columns():
    names = ["Halden Observatory for Civil Rights", "Norway’s foreign ministry", "Velmar"]
    text = "We agree."
    actors = tuple(
        ActorStance(Actor(name, kind), (stance_of("condemn"),), (0,))
        for name, kind in zip(names, ("organisation", "government", "armed_group"), strict=True)
    )
    value = Reading(Article("a", text), (Target("the strike"),), (), actors, "fake-1")
    stream = io.StringIO()
    show(value, Console(file=stream, width=80, highlight=False, markup=False, emoji=False))
    lines = stream.getvalue().splitlines()
    assert all(len(line) <= 80 for line in lines)
    for name in names[1:]:
        assert any(name in line and "condemning" in line for line in lines)
    assert any("Halden Observatory for Civil" in line and "condemning" in line for line in lines)
    assert any(all(word in line.split() for word in ("actor", "type", "stance", "conf.", "said")) for line in lines)


def abstained(value: Reading) -> list[str]:
    """The lines that say what a ? means."""
    return [line for line in shown(value).splitlines() if line.startswith("[?]")]


def test_every_question_mark_is_explained():
    text = "We agree. We waited."
    sure, unsure = statement(text, 0, 9, "Ana"), statement(text, 10, 20, "Ben", "waited")
    note = "[?] not sure enough (abstained), the likeliest stance is shown"
    assert abstained(reading(text, sure)) == []
    assert abstained(reading(text, sure, unsure)) == [f"{note}: 1 of 2 statements"]
    of_the_actor = replace(reading(text, sure), actors=(ActorStance(Actor("Ana", "government"), unsure.stances, (0,)),))
    assert "·? neutral" in shown(of_the_actor)
    assert abstained(of_the_actor) == [note]
    both = (*sure.stances, *unsure.stances)  # toward two targets: only the table shows the second
    twice = replace(of_the_actor, targets=(Target("A"), Target("B")), statements=(replace(sure, stances=both),))
    twice = replace(twice, actors=(ActorStance(Actor("Ana", "government"), both, (0,)),))
    assert abstained(twice) == [note]
