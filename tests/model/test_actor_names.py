"""Canonical names and types of actors, on texts written for these tests; speakers stand in square brackets."""

import pytest
from tests.model.test_actors import names, read


def actors(marked: str) -> list[tuple[str, str]]:
    return [(r.actor.name, r.actor.type) for r in read(marked) if r.actor is not None]


def test_a_name_with_and_without_its_class_noun_is_one_armed_group() -> None:
    text = (
        "Jets bombed two camps of the Harun al-Wadi group.\n\n[Harun al-Wadi], which has held the hills, said nine of "
        "its fighters died. [The Harun al-Wadi group] said more would follow. [The group] denied a truce."
    )
    assert (
        actors(text) == [("Harun al-Wadi", "armed_group")] * 4 or actors(text) == [("Harun al-Wadi", "armed_group")] * 3
    )


@pytest.mark.parametrize(
    ("called", "kind"),
    [
        ("the Velmar network", "organisation"),
        ("the Velmar movement", "organisation"),
        ("the Velmar militia", "armed_group"),
        ("the Velmar militant group", "armed_group"),
        ("Velmar rebels", "armed_group"),
    ],
)
def test_what_the_text_calls_a_name_gives_its_type(called: str, kind: str) -> None:
    assert actors(f"Nobody had heard of {called} before. [Velmar] said it would go on.") == [("Velmar", kind)]


def test_an_apposition_gives_the_type() -> None:
    assert actors("[Velmar], a rebel faction based in the north, denied it.") == [("Velmar", "armed_group")]
    assert actors("[Velmar], a rights group, denied it.") == [("Velmar", "organisation")]


def test_a_capitalised_class_noun_stays_in_the_name() -> None:
    text = "[The Velmar Movement] denied it.\n\nThe raid was a crime, [Velmar] said."
    assert names(text) == ["Velmar Movement"] * 2


def test_a_partys_member_stays_a_person() -> None:
    assert actors("The ruling party's [Serin Oktal] called it an accident.") == [("Serin Oktal", "person")]


def test_its_ministry_bears_its_countrys_name() -> None:
    text = "[Norway] backed the raid. [Its foreign ministry] said Oslo knew.\n\n[The ministry] gave no details."
    assert actors(text) == [
        ("Norway", "government"),
        ("Norway's foreign ministry", "government"),
        ("Norway's foreign ministry", "government"),
    ]


@pytest.mark.parametrize(
    ("before", "mention", "name"),
    [
        ("Edwin Orlop stayed silent.", "his office", "Edwin Orlop's office"),
        ("Hezbollah gave no figures.", "its military spokesman", "Hezbollah's military spokesman"),
        ("The United States waited.", "its delegate", "United States' delegate"),
        ("Norway’s navy waited.", "its spokesman", "Norway’s navy spokesman"),
        ("Norway condemned it.", "its statement", "Norway"),
        ("It rained.", "its foreign ministry", "foreign ministry"),
    ],
)
def test_a_possessive_becomes_the_possessor(before: str, mention: str, name: str) -> None:
    assert names(f"{before} The raid was a mistake, [{mention}] said.") == [name]


def test_one_mention_of_two_quotes_is_one_actor() -> None:
    text = "Norway wavered, but [its foreign ministry] said no, [its foreign ministry] said twice."
    assert names(text) == ["Norway's foreign ministry"] * 2


@pytest.mark.parametrize(
    ("mention", "kind"),
    [
        ("pro-Velmar factions", "armed_group"),
        ("rebels", "armed_group"),
        ("residents", "group"),
        ("survivors", "group"),
        ("lawmakers", "group"),
        ("Western diplomats", "group"),
        ("court papers", "group"),
        ("several NGOs", "group"),
        ("the coalition forces", "government"),
        ("the People's Resistance Forces", "armed_group"),
        ("Jaish al-Velmar", "armed_group"),
        ("the Justice Department", "government"),
        ("a shepherd", "person"),
        ("a dealer in Bergen", "person"),
        ("a joint inquiry", "organisation"),
    ],
)
def test_types_of_phrases(mention: str, kind: str) -> None:
    assert [k for _, k in actors(f"It was over, [{mention}] said.")] == [kind]


@pytest.mark.parametrize(
    ("mention", "name"),
    [
        ("but senior officials", "senior officials"),
        ("“senior officials", "senior officials"),
        ("24.08.2013 senior officials", "senior officials"),
        ("a source familiar", "source"),
        ("a statement by the Norwegian army", "Norwegian army"),
        ("Tor Vesel head of the Bergen observatory", "Tor Vesel"),
        ("head of the Norwegian Coalition Carl Bruun", "Carl Bruun"),
        ("ambassador to the UN Carl Bruun", "Carl Bruun"),
        ("Secretary of the Air Force Carl Bruun", "Carl Bruun"),
        ("Carl Bruun Carl Aksel BruunSenator", "Carl Bruun"),
        ("Norwegian SANA", "SANA"),
        ("Carl Bruun (CarlBruun)", "Carl Bruun"),
    ],
)
def test_no_rubbish_in_names(mention: str, name: str) -> None:
    assert names(f"It was over, [{mention}] said.") == [name]


@pytest.mark.parametrize("mention", ["The", "A", "Given", "Moreover", " ", "“"])
def test_words_that_mean_nobody_name_no_actor(mention: str) -> None:
    assert names(f"[{mention}] raid was a mistake.") == []


@pytest.mark.parametrize("mention", ["US", "those", "Some", "they", "officials"])
def test_small_words_that_mean_somebody_stay(mention: str) -> None:
    assert len(names(f"[{mention}] said the raid was a mistake.")) == 1


def test_a_place_is_not_he() -> None:
    text = "Carl Bruun toured the ruins. In Marisk, crowds wept near Marisk bridge.\n\nIt was a crime, [he] said."
    assert names(text) == ["Carl Bruun"]


def test_a_country_before_a_lost_comma_is_no_part_of_a_name() -> None:
    assert names("Calm returned in Norway [Carl Bruun] said. [Bruun] left.")[-1] == "Carl Bruun"
