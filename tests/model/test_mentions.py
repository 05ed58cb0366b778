"""Names and nominals found in texts written for these tests."""

from hypothesis import given
from hypothesis import strategies as st

from quotestance.model.document import Document, Paragraph
from quotestance.model.mentions import Mention, find_mentions
from quotestance.model.names import initials, is_short_for, name_keys
from quotestance.model.types import Span
from quotestance.model.words import words_of


def one_paragraph(text: str) -> Document:
    span = Span(0, len(text))
    return Document(text, None, (Paragraph(span, "body", (span,)),))


def mentions(text: str) -> dict[str, Mention]:
    return {m.text: m for m in find_mentions(one_paragraph(text))}


def test_titles_are_no_part_of_a_name_but_its_role() -> None:
    found = mentions("Yesterday US Secretary of State Delia Marsh met Gen. Tobin F. Ware Jr. in Oslo.")
    assert found["Delia Marsh"].role == ("us", "secretary", "of", "state")
    assert found["Delia Marsh"].category == "person"
    assert "Tobin F. Ware Jr" in {name.rstrip(".") for name in found}


def test_a_surname_that_is_a_title_stays_a_name() -> None:
    assert "Angus King" in mentions("The bill of Sen. Angus King failed.")


def test_lower_case_roles_before_and_after_a_name() -> None:
    found = mentions("He met defence spokesman Piet Harrow and Nora Quell, a defence analyst in Oslo.")
    assert "spokesman" in found["Piet Harrow"].role
    assert "analyst" in found["Nora Quell"].role


def test_gender_from_title_role_and_given_name() -> None:
    found = mentions("Today Mr. Orlop met spokeswoman Kim Tarrow, Susan Velt and Ziv Orrin.")
    assert found["Orlop"].gender == "male"
    assert found["Kim Tarrow"].gender == "female"
    assert found["Susan Velt"].gender == "female"
    assert found["Ziv Orrin"].gender is None


def test_a_body_keeps_its_of_and_its_country() -> None:
    found = mentions("The Halden Observatory for Civil Rights and Norway’s Defence Ministry differ.")
    assert found["Halden Observatory for Civil Rights"].category == "organisation"
    assert found["Norway’s Defence Ministry"].category == "government"


def test_possessive_ending_is_left_out() -> None:
    found = mentions("They read Marlow’s letter.")
    assert found["Marlow"].possessive


def test_nominals_with_their_modifiers() -> None:
    found = mentions("It was denied by a senior Norwegian military official and several lawmakers.")
    official = found["senior Norwegian military official"]
    assert (official.kind, official.category, official.definite) == ("nominal", "person", False)
    assert found["lawmakers"].plural


def test_descriptions_are_no_names() -> None:
    assert "pro-Iran" not in mentions("They hit pro-Iran posts and Oslo-based firms.")


def test_shouted_us_is_a_country_and_plain_us_is_none() -> None:
    assert "US" in mentions("The jets of the US left.")
    assert "us" not in mentions("The jets left us here.")


def test_name_keys_ignore_accents_particles_and_suffixes() -> None:
    assert name_keys("Rafiq al-Hamdání Jr.") == ("rafiq", "hamdani")
    assert name_keys("Marlow’s") == ("marlow",)


def test_short_forms() -> None:
    full = name_keys("Rafiq Abu al-Hamdani")
    assert is_short_for(name_keys("Hamdani"), full)
    assert is_short_for(name_keys("Rafiq Hamdani"), full)
    assert not is_short_for(name_keys("Hamdani Rafiq"), full)
    assert not is_short_for((), full)


def test_initials_with_and_without_small_words() -> None:
    assert initials("Halden Observatory for Civil Rights") == {"hocr", "hofcr"}


def test_words_keep_offsets_and_abbreviations() -> None:
    text = "Mr. Orlop’s U.S. trip"
    found = words_of(text)
    assert [w.text for w in found] == ["Mr.", "Orlop’s", "U.S.", "trip"]
    assert all(text[w.start : w.end] == w.text for w in found)
    assert found[1].low == "orlop"


@given(st.text(max_size=300))
def test_offsets_hold_for_any_text(text: str) -> None:
    for mention in find_mentions(one_paragraph(text)):
        assert text[mention.span.start : mention.span.end] == mention.text
        assert mention.text
        assert mention.keys


@given(
    st.lists(
        st.sampled_from(
            ["Mr.", "Ann", "Lee’s", "the", "US", "al-Bar", "of", "Ministry", "group", "“", '"', ",", "R-Va."]
        )
    )
)
def test_offsets_hold_for_rows_of_awkward_words(parts: list[str]) -> None:
    text = " ".join(parts)
    found = find_mentions(one_paragraph(text))
    assert [m.span.start for m in found] == sorted(m.span.start for m in found)
    for mention in found:
        assert text[mention.span.start : mention.span.end] == mention.text
