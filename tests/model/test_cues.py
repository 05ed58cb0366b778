import pytest

from quotestance.model.cues import lexicon


@pytest.mark.parametrize(
    ("word", "lemma", "form"),
    [
        ("says", "say", "third"),
        ("condemned", "condemn", "past"),
        ("denies", "deny", "third"),
        ("denouncing", "denounce", "ing"),
        ("swore", "swear", "past"),
        ("written", "write", "pp"),
        ("blamed", "blame", "past"),
    ],
)
def test_inflected_forms_lead_to_their_lemma(word: str, lemma: str, form: str) -> None:
    assert (lemma, form) in {(f.cue.lemma, f.form) for f in lexicon().verbs[word]}


def test_phrases_come_before_the_bare_verb() -> None:
    lengths = [len(f.cue.rest) for f in lexicon().verbs["called"]]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > 0
    assert lengths[-1] == 0


def test_attitude_verbs_carry_their_lean() -> None:
    leans = {f.cue.lemma: f.cue.lean for forms in lexicon().verbs.values() for f in forms}
    assert leans["condemn"] == "condemning"
    assert leans["praise"] == "supportive"
    assert leans["call on"] is None
    assert leans["say"] is None


def test_only_lower_case_words_are_listed() -> None:
    words = lexicon()
    for listed in (words.verbs, words.nouns, words.ambiguous, words.actor_nouns):
        assert all(word == word.lower().strip() for word in listed)


def test_plurals_of_actor_nouns_are_derived() -> None:
    assert {"officials", "ministries", "spokesmen", "churches"} <= lexicon().actor_nouns


def test_the_lexicon_is_read_once() -> None:
    assert lexicon() is lexicon()
