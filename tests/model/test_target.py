"""The target finder on headlines and leads written for these tests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.model.document import Document, Paragraph
from quotestance.model.segmentation import segment
from quotestance.model.strike_description import described
from quotestance.model.target import find_target
from quotestance.model.types import Span


def target(text: str, title: str | None = None) -> str | None:
    span = Span(0, len(text))
    found = find_target(Document(text, title, (Paragraph(span, "body", (span,)),)))
    if found is not None:
        assert found.source == "found"
    return None if found is None else found.text


def test_attacker_strike_victim_and_place() -> None:
    text = "Norway condemned US air strikes on pro-Iran fighters in Iraq and Syria on Monday."
    assert target(text) == "US air strikes on pro-Iran fighters in Iraq and Syria"


def test_a_bare_name_before_strikes_is_where_they_fall() -> None:
    found = target("The prime minister spoke after Israeli jets carried out air strikes.", "Outcry over Gaza strikes")
    assert found is not None
    assert found.startswith("Israeli")


def test_the_attacker_may_follow() -> None:
    found = target("Villagers fled the shelling of Varda by Serbian gunners.")
    assert found is not None
    assert "Serbian shelling" in found
    assert "Varda" in found


def test_a_verb_is_enough() -> None:
    found = target("Turkey bombed Kurdish militants near Varda, killing three fighters.")
    assert found is not None
    assert "Turkish" in found


def test_proposed_action_counts() -> None:
    found = target("Lawmakers debated a possible military strike on Syria.")
    assert found is not None
    assert "military strike on Syria" in found


def test_the_headline_outweighs_the_body() -> None:
    text = "Lawmakers met. One of them recalled the Russian shelling of Varda years ago."
    found = target(text, "Anger over French drone strikes in Mali")
    assert found is not None
    assert found.startswith("French drone strikes")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "French jets bombed training grounds of the Velmar group outside the town of Tessa before dawn.",
            "French strikes on training grounds of the Velmar group outside the town of Tessa",
        ),
        ("The French fight against in Mali the French fight goes on as troops shell towns.", None),
        ("US forces pursued the war against Hamas with air power.", "US war against Hamas"),
        ("Officials said US air strikes on Monday hit Varda.", "US air strikes on Varda"),
        ("French air strikes in support of President Vance went on.", "French air strikes"),
        ("Norwegian air strikes on rebel camps the Halden-based monitor said.", "Norwegian air strikes on rebel camps"),
        ("Norwegian air strikes on Norway went on.", "Norwegian air strikes in Norway"),
    ],
)
def test_a_target_ends_in_a_noun(text: str, found: str | None) -> None:
    answer = target(text)
    assert answer is not None
    assert not answer.endswith((" outside", " in", " the", " against", " on", " Norwegian"))
    if found is not None:
        assert answer == found


def test_a_long_target_is_cut_before_what_narrows_it_down() -> None:
    victim = "last positions of the northern branch of the old guard of the Velmar front in the upper valley"
    found = described("possible", "Norwegian", "air strikes", victim, "in the hills of Mali")
    assert len(found.split()) <= 14
    assert found == "possible Norwegian air strikes on last positions of the northern branch"


@pytest.mark.parametrize(
    "text",
    [
        "Teachers voted to go on strike over pay on Tuesday.",
        "The mayor died of a heart attack at home.",
        "The two firms hope to strike a deal by June.",
        "The senator paid for an attack ad in Ohio.",
        "The minister defended the raid on the pension fund.",
        "The council opened a library and a swimming pool.",
        "",
    ],
)
def test_no_strike_no_target(text: str) -> None:
    assert target(text) is None


@given(st.text(max_size=300), st.one_of(st.none(), st.text(max_size=80)))
def test_any_text(text: str, title: str | None) -> None:
    found = target(text, title)
    assert found is None or found.strip()


@given(
    st.lists(
        st.sampled_from(["US", "air", "strikes", "on", "in", "Syria", "the", "by", "and", ",", "hit", "said", "-led"])
    )
)
def test_any_row_of_strike_words(parts: list[str]) -> None:
    found = target(" ".join(parts))
    assert found is None or "  " not in found


@pytest.mark.parametrize("place", ["Beirut", "Damascus"])
def test_a_capital_before_strikes_is_where_they_fall(place: str) -> None:
    found = target(f"Israeli airstrikes on {place} killed many people.", f"{place} airstrikes kill 22")
    assert found is not None
    assert "Israeli" in found


@pytest.mark.parametrize(
    ("title", "lead", "found"),
    [
        (
            "India strikes Pakistan after attack",
            "The attack killed many people, officials said.",
            "Indian strikes on Pakistan",
        ),
        (
            "Russia attacks Ukraine with drones",
            "The attack killed many people, officials said.",
            "Russian strikes on Ukraine",
        ),
        ("Syria bombed by Israel", "Syria was bombed by Israel on Monday.", "Israeli strikes"),
        (
            "Saudi-led coalition air strikes hit Sanaa",
            "Saudi-led coalition air strikes hit Sanaa.",
            "Saudi-led coalition air strikes",
        ),
        (
            "Turkey condemns Israeli strikes on Syria",
            "Turkey condemned Israeli strikes on Syria.",
            "Israeli strikes on Syria",
        ),
        ("China condemns US strikes", "China condemned the U.S. strikes on Sunday.", "US strikes"),
        (
            "Israeli soldiers killed in rocket attack",
            "Three Israeli soldiers were killed in a rocket attack.",
            "rocket attack",
        ),
        (
            "Turkey condemns strike on Gaza hospital",
            "Turkish President Rui Falk condemned the strike on a hospital in Gaza.",
            "strike on",
        ),
        (
            "Saudi Arabia condemns Israel attack on Qatar",
            "Saudi Arabia condemned the Israeli attack on Qatar.",
            "Israeli attack on Qatar",
        ),
        ("Israel strikes Iran", "Explosions were heard in Tehran early on Friday.", "Israeli strikes on Iran"),
        (
            "Pakistan strikes militants in Iran",
            "It came days after Tehran's own strike on Pakistani territory.",
            "Pakistani strikes on militants",
        ),
        (
            "Congo accuses Rwanda of drone attack on airport",
            "Congo accused Rwanda of a drone attack on the airport.",
            "Rwandan drone attack",
        ),
        ("Israel strikes kill 30 in Gaza", "Israeli strikes killed 30 people in Gaza.", "Israeli strikes"),
        (
            "Israel strikes Beirut suburbs after Hezbollah rocket fire",
            "Israel carried out air strikes on the southern suburbs of Beirut.",
            "Israeli air strikes",
        ),
    ],
)
def test_who_strikes_is_told_from_who_is_struck_and_who_reacts(title: str, lead: str, found: str) -> None:
    told = target(lead, title)
    assert told is not None
    assert told.startswith(found)
    assert not any(f"in {country}" in told for country in ("Turkey", "China", "India", "Russia", "Israel"))


def test_a_word_in_passing_is_no_strike_but_a_short_text_is_about_it() -> None:
    said = "The mayor opened the fair. " * 9
    assert find_target(segment(f"{said}It was a war on good taste. {said}", "A fair")) is None
    assert find_target(segment("It condemned the attack on the village, which killed nine.")) is not None


@pytest.mark.parametrize(
    ("title", "lead"),
    [
        ("US hits Russia with sanctions", "The new sanctions follow a row over weapons."),
        ("Strong earthquake strikes Turkey", "A strong earthquake struck Turkey on Monday."),
    ],
)
def test_sanctions_and_earthquakes_are_no_strikes(title: str, lead: str) -> None:
    assert target(lead, title) is None
