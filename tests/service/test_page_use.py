"""The page in a real browser: an article in, its result gone through with mouse and keys, corrections out."""

import json
import time

import pytest

pytest.importorskip("fastapi", reason="the service needs the serve extra")
from fakes import TEXT
from page_browser import browser, select
from page_servers import TANGLED, page_server, tangled_statements
from serving import until

from quotestance.service.http.feedback_schema import FeedbackRequest

ENTER, ESCAPE, TAB, CONTROL = "\ue007", "\ue00c", "\ue004", "\ue009"
_OUTLINED = """
const focused = document.activeElement;
const shows = [focused, focused.closest("label"), focused.previousElementSibling].filter(Boolean);
const styles = shows.map((shown) => getComputedStyle(shown));
return styles.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
"""


@pytest.fixture(scope="module")
def server():
    with page_server() as server:
        yield server


@pytest.fixture(scope="module")
def driven():
    with browser() as driven:
        yield driven


@pytest.fixture
def page(driven, server):
    server.feedback.status = 201
    server.feedback.received.clear()
    driven.open(server.base)
    yield driven
    assert driven.hosts() <= {server.base.removeprefix("http://")}
    assert driven.complaints() == []


def tab_to(page, selector, most=60):
    """Press the tab key until an element that matches has the focus; wherever it is, it can be seen."""
    for _ in range(most):
        page.press(TAB)
        assert page.js(_OUTLINED), page.focused.get_attribute("outerHTML")
        if page.js("return document.activeElement.matches(arguments[0])", selector):
            return
    raise AssertionError(f"no way to {selector} by the tab key")


def words_marked(page, index):
    return page.js(
        "return [...document.querySelectorAll(`#article .quote[data-statement='${arguments[0]}']`)]"
        ".map((piece) => piece.textContent).join('')",
        index,
    )


def open_quote(page, index):
    page.js("document.querySelector(`#article .mark[data-statement='${arguments[0]}']`).click()", index)
    return page.one("#panel[data-shows='quote']")


# Reading


def test_the_example(page):
    page.one("#example").click()
    page.one("#result-heading", "France calls Mali strikes a last warning")
    # the fake model finds no `Name said:` in it
    assert "0 statements" in page.text(".result-head")
    assert "No statement was found" in page.text(".result-head")
    page.one(".result-head button", "Edit").click()
    assert "Claire Vasseur" in page.one("#article-text").get_property("value")


def test_the_result_names_target_actors_and_model(page):
    page.read(TEXT, title="A strike at noon")
    assert "3 statements by 3 actors" in page.text(".result-head")
    assert "Stance toward the raid on the port (found in the article)" in page.text(".target").replace("\n", " ")
    assert [chip.text.split("\n")[1] for chip in page.all(".chip")] == ["Omar Fell", "Ines Holt", "Dora Lind"]
    assert "Model: fake-1" in page.text("footer")
    label = page.all(".chip")[1].get_attribute("aria-label").replace("\u00a0", " ")
    assert label == "Ines Holt: condemning 30 %, neutral 40 %, supportive 30 %, not sure enough; 1 statement"


def test_the_line_places_actors_by_their_score(page):
    page.read(TEXT)
    at = page.js(
        "const axis = document.querySelector('.axis').getBoundingClientRect();"
        "return [...document.querySelectorAll('.dot')].map((dot) => {"
        "  const box = dot.getBoundingClientRect(); return (box.left + box.width / 2 - axis.left) / axis.width; })"
    )
    for place, score in zip(at, (0.0333 - 0.9333, 0.0001, 0.9124 - 0.0376), strict=True):
        assert abs(place - (score + 1) / 2) < 0.01
    boxes = page.js("return [...document.querySelectorAll('.chip')].map((c) => c.getBoundingClientRect().toJSON())")
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            apart = a["right"] <= b["left"] or b["right"] <= a["left"]
            assert apart or a["bottom"] <= b["top"] or b["bottom"] <= a["top"]


def test_quotes_are_marked_where_they_are_even_nested_shared_and_after_emoji(page):
    page.read(TANGLED)
    for index, statement in enumerate(tangled_statements()):
        assert words_marked(page, index) == statement.quote
    text = page.js(
        "return [...document.querySelectorAll('#article p')].map((p) =>"
        " { p = p.cloneNode(true); p.querySelectorAll('button').forEach((b) => b.remove()); return p.textContent; })"
    )
    assert text == TANGLED.split("\n\n")
    marks = [mark.text for mark in page.all("#article .mark")]
    assert marks == ["+?", "−", "+?", "−", "−", "·"]
    depths = "return ['0', '1'].map((i) => getComputedStyle(document.querySelector(`#article .depth-${i}`))"
    outer, inner = page.js(f"{depths}.textUnderlineOffset)")
    assert outer != inner


def test_stances_differ_in_more_than_colour(page):
    page.read(TEXT)
    styles = page.js(
        "return ['supportive', 'neutral', 'condemning'].map((s) =>"
        " getComputedStyle(document.querySelector(`#article .quote.is-${s}`)).textDecorationStyle)"
    )
    assert len(set(styles)) == 3


def test_without_a_strike_there_are_no_stances(page):
    page.read('Dora Lind said: "It rained."')
    assert "No strike was found" in page.text(".result-head")
    assert [chip.text for chip in page.all(".chip")] == ["Dora Lind"]
    open_quote(page, 0)
    assert "no stance" in page.text("#panel")
    page.one("button", "Name a target").click()
    assert page.focused.get_attribute("id") == "article-target"


@pytest.mark.parametrize("typed", ["the raid, the siege", "the raid\nthe siege"])
def test_several_targets(page, typed):
    page.write("article-target", typed)
    assert "2 targets" in page.text("#target-hint")
    page.read(TEXT)
    assert [label.text for label in page.all(".target .choice")] == ["the raid", "the siege"]
    assert page.one("#article .mark").text == "+"
    page.one(".target .choice", "the siege").click()
    assert page.one("#article .mark").text == "−"
    assert page.all(".chip")[0].text.split("\n")[1] == "Dora Lind"


def test_a_comma_within_a_target_when_there_is_one_a_line(page):
    understood = page.promise(
        "const { targetsIn } = await import('/page/targets.js'); return given.slice(0, -1).map(targetsIn)",
        "raids on Homs, Syria\n",
        " a ,, b, a",
        "",
    )
    assert understood == [["raids on Homs, Syria"], ["a", "b"], []]


# Going through it


def test_only_one_actors_words(page):
    page.read(TANGLED)
    page.one(".chip", "Ada Brandt").click()
    panel = page.one("#panel[data-shows='actor']")
    assert [item.text.split("\n")[1] for item in page.all(".quote-item")] == [
        s.quote for s in tangled_statements() if s.actor and s.actor.name == "Ada Brandt"
    ]
    assert "2 statements" in panel.text
    assert page.js("return document.getElementById('announcement').textContent") == "Only the words of Ada Brandt"
    assert len(page.all("#article .mark")) == 2
    # the words of others cannot be chosen now, those of the envoy within Brandt's are Brandt's
    page.js("document.querySelector(`#article .quote[data-statement='1']`).click()")
    assert page.one("#panel h2").text == "Ada Brandt"
    assert "Quote 1 of 2 by this actor" in page.text("#panel")
    page.one("button[aria-label='Next quote']").click()
    page.one("blockquote", "We support it")
    page.one("button", "Back to the actor").click()
    page.one(".chip", "Ada Brandt").click()
    assert len(page.all("#article .mark")) == 6


def test_a_quote_tells_who_said_it_and_why(page):
    page.read(TANGLED)
    open_quote(page, 2)
    said = page.text("#panel").replace("\u00a0", " ")
    for words in ("Ada Brandt", "person", "+", "supportive", "? not sure enough", "62 %", "30 %", "8 %"):
        assert words in said
    assert "Abstained: 62.0 % is less than the model’s threshold of 75.4 %." in said
    for words in ("“she”", "resolved within the article", "“added”", "direct", "the raid on the port"):
        assert words in said
    assert page.js("return [...CSS.highlights.get('speaker')].map(String)") == ["she"]
    assert page.js("return [...CSS.highlights.get('cue')].map(String)") == ["added"]
    open_quote(page, 3)
    page.one("#panel .sharing button", "Rome").click()
    assert page.one("#panel h2").text == "Rome"
    open_quote(page, 5)
    assert "not resolved: the text names no speaker" in page.text("#panel")
    assert page.js("return CSS.highlights.has('speaker')") is False


def test_everything_by_the_keyboard(page):
    tab_to(page, "#article-text")
    page.write("article-text", TANGLED)
    tab_to(page, "#open-file")
    page.js("document.querySelector('#article-text').focus()")
    tab_to(page, "#read")
    page.press(ENTER)
    page.one("#result")
    assert page.focused.get_attribute("id") == "result-heading"
    tab_to(page, ".chip[aria-label^='Ada']")
    page.press(ENTER)
    page.one("#panel[data-shows='actor']")
    assert page.focused.get_attribute("aria-pressed") == "true"
    tab_to(page, ".quote-item")
    page.press(ENTER)
    page.one("#panel[data-shows='quote']")
    assert page.focused.tag_name == "h2"
    assert page.js(_OUTLINED)
    tab_to(page, ".correct")
    page.press(ENTER)
    assert page.focused.get_attribute("value") == "supportive"
    tab_to(page, ".correction-form [type=submit]")
    page.press(ENTER)
    until(lambda: "Correction kept" in page.focused_text)
    page.press(ESCAPE)
    assert page.focused.get_attribute("data-statement") == "0"
    page.press(ESCAPE)
    assert page.focused.get_attribute("aria-label").startswith("Ada Brandt")
    page.one("#panel[data-shows='overview']")


def test_the_target_field_sends_with_enter_the_article_with_control(page):
    page.write("article-text", TEXT)
    page.one("#article-target").send_keys("the siege" + ENTER)
    assert "the siege" in page.one("#result .target").text
    page.one("button", "Edit").click()
    page.focused.send_keys(CONTROL + ENTER)
    page.one("#result")


# Files


def drop(page, name, content):
    page.js(
        "const data = new DataTransfer(); data.items.add(new File([arguments[1]], arguments[0]));"
        "document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))",
        name,
        content,
    )


def test_files_that_are_dropped(page):
    drop(page, "a.txt", TEXT)
    until(lambda: page.one("#article-text").get_property("value") == TEXT)
    drop(page, "b.json", json.dumps({"text": "B text", "title": "B title", "target": "the raid", "id": "b"}))
    until(lambda: page.one("#article-text").get_property("value") == "B text")
    assert page.one("#article-title").get_property("value") == "B title"
    assert page.one("#article-target").get_property("value") == "the raid"
    for name, content, problem in [
        ("c.json", "{", "c.json is not valid JSON."),
        ("d.json", '{"body": ""}', "d.json has no field “text”."),
    ]:
        drop(page, name, content)
        page.one("#entry-problem", problem)
    assert page.one("#article-text").get_property("value") == "B text"


def test_a_file_dropped_on_a_result_is_the_next_article(page):
    page.read(TEXT)
    drop(page, "next.txt", TANGLED)
    until(lambda: page.one("#article-text").get_property("value") == TANGLED)
    page.one("#back").click()
    page.one("#result")


def test_a_file_that_is_chosen(page, tmp_path):
    file = tmp_path / "article.txt"
    file.write_bytes(b"\xff\xfe\x00")
    page.driver.find_element("id", "open-file").send_keys(str(file))
    page.one("#entry-problem", "article.txt is not a text file in UTF-8.")
    file.write_text(TEXT, encoding="utf-8")
    page.driver.find_element("id", "open-file").send_keys(str(file))
    until(lambda: page.one("#article-text").get_property("value") == TEXT)
    assert page.text("#entry-problem") == ""


def test_the_result_as_a_file(page, tmp_path):
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    page.read(TANGLED, title="A raid: twice")
    page.one("button", "Download JSON").click()
    file = tmp_path / "quotestance-a-raid-twice.json"
    until(lambda: file.exists() and file.stat().st_size)
    result = json.loads(file.read_text(encoding="utf-8"))
    assert [s["quote"] for s in result["statements"]] == [TANGLED[s["start"] : s["end"]] for s in result["statements"]]
    assert result["title"] == "A raid: twice"
    assert result["text"] == TANGLED


def test_a_files_targets_are_taken_as_they_are(page):
    understood = page.promise(
        "const { articleFromFile } = await import('/page/article_file.js');"
        "const { targetsIn } = await import('/page/targets.js');"
        "const read = (target) => articleFromFile(new File([JSON.stringify({ text: 'x', target })], 'a.json'));"
        "return Promise.all(given.slice(0, -1).map(async (t) => targetsIn((await read(t)).target ?? '')))",
        "raids on Homs, Syria",
        ["the raid", "the siege"],
        None,
    )
    assert understood == [["raids on Homs, Syria"], ["the raid", "the siege"], []]


# Corrections


def test_a_correction_toward_another_target_takes_the_one_before_back(page):
    sent = {"is_statement": True, "stance": "neutral", "target": "the rade", "quote_start": 3, "quote_end": 9}
    taken, same = page.promise(
        "const { takenBack } = await import('/page/feedback.js');"
        "return [takenBack(given[0], given[1]), takenBack(given[0], given[0])]",
        sent,
        sent | {"target": "the raid"},
    )
    assert (taken["target"], taken["is_statement"], same) == ("the rade", False, None)


def start_correction(page, index):
    open_quote(page, index)
    page.one(".correct").click()
    return page.one(".correction-form")


def test_a_correction_has_the_statement_and_what_is_right(page, server):
    page.read(TANGLED, title="A raid")
    start_correction(page, 1)
    page.one("label.choice", "neutral").click()
    page.write("correct-actor", "Ada Brandt")
    page.js("document.getElementById('correct-type').selectedIndex = 0")
    page.js("document.getElementById('correct-type').dispatchEvent(new Event('change'))")
    page.write("correct-comment", "  she quotes him ")
    page.one("button", "Send correction").click()
    page.one(".sent", "Correction kept")
    (sent,) = server.feedback.received
    for name in ("quote", "speaker", "cue"):
        prefix = "" if name == "quote" else f"{name}_"
        assert TANGLED[sent[f"{prefix}start"] : sent[f"{prefix}end"]] == sent[name]
    assert sent["quote"] == "“shameful” words about the raid"
    expected = {
        "text": TANGLED,
        "title": "A raid",
        "actor": "Ada Brandt",
        "target": "the raid on the port",
        "stance": "neutral",
        "is_statement": True,
        "kind": "mixed",
        "comment": "she quotes him",
        "model": "fake-1",
        "predicted": {"actor": "the envoy", "stance": "condemning", "confidence": 0.81},
    }
    assert {key: sent[key] for key in expected} == expected
    assert len(sent["article_id"]) == 16
    assert "actor_type" not in sent


def test_no_statement_and_no_speaker(page, server):
    page.read(TANGLED)
    form = start_correction(page, 5)
    page.one("button", "Send correction").click()
    assert "Name the actor" in form.text
    assert page.focused.get_attribute("name") == "actor"
    page.one("label.choice", "not a statement").click()
    page.one("button", "Send correction").click()
    page.one(".sent")
    (sent,) = server.feedback.received
    assert sent["is_statement"] is False
    assert not {"stance", "actor", "speaker", "speaker_start", "predicted"} & set(sent)
    assert TANGLED[sent["start"] : sent["end"]] == "a mistake"


def test_what_was_typed_is_kept_when_the_store_is_away(page, server):
    page.read(TANGLED)
    start_correction(page, 0)
    page.write("correct-comment", "Two words")
    server.feedback.status = 503
    page.one("button", "Send correction").click()
    page.one(".correction [role=alert]", "Not kept just now; what you typed is still here")
    open_quote(page, 2)
    open_quote(page, 0)
    assert page.one("#correct-comment").get_property("value") == "Two words"
    server.feedback.status = 201
    page.one("button", "Send correction").click()
    page.one(".sent")
    assert [sent["comment"] for sent in server.feedback.received] == ["Two words"]


def test_a_key_for_a_correction(page, server):
    page.read(TANGLED)
    start_correction(page, 0)
    server.feedback.status = 401
    page.one("button", "Send correction").click()
    page.one("#api-key").send_keys("not a key" + ENTER)
    page.one("#key-hint", "without spaces")
    server.feedback.status = 201
    page.js("document.getElementById('api-key').value = ''")
    page.one("#api-key").send_keys("a-key-0123456789abc" + ENTER)
    page.one(".sent", "Correction kept")


def test_a_server_that_keeps_no_corrections(page, server):
    page.read(TANGLED)
    start_correction(page, 0)
    server.feedback.status = 404
    page.one("button", "Send correction").click()
    page.one(".correction", "This server keeps no corrections.")
    open_quote(page, 1)
    assert not page.all(".correct")
    page.press(ESCAPE)
    page.one("#panel[data-shows='overview']")
    select(page, "Oslo and Rome")
    time.sleep(0.1)
    assert not page.all("#selection-bar, .add-statement")


# Other words than the model's


def send(page, words="Send correction"):
    page.one("button", words).click()
    page.one(".sent", "kept")


def test_words_that_are_selected_are_added_as_a_statement(page, server):
    page.read(TANGLED, title="A raid")
    select(page, "Oslo and Rome condemned the raid. ")
    assert "Oslo and Rome condemned the raid." in page.one("#selection-bar").text
    assert not page.all("#selection-bar button", "Use as the quote")
    page.one("#selection-bar button", "Add as a statement").click()
    page.one("#panel[data-shows='missed']")
    assert not page.all("#selection-bar")
    (lit,) = page.js("return [...CSS.highlights.get('draft')].map(String)")
    assert lit.replace("−", "") == "Oslo and Rome condemned the raid."  # without the marks' signs
    assert not page.all("label.choice", "not a statement")
    page.one("button", "Send statement").click()
    assert "Choose a stance" in page.text(".correction-form")
    page.one("label.choice", "condemning").click()
    page.write("correct-actor", "Oslo and Rome")
    send(page, "Send statement")
    (sent,) = server.feedback.received
    assert TANGLED[sent["start"] : sent["end"]] == sent["quote"] == "Oslo and Rome condemned the raid."
    assert (sent["stance"], sent["is_statement"], sent["target"]) == ("condemning", True, "the raid on the port")
    assert (sent["model"], sent["title"]) == ("fake-1", "A raid")
    assert TANGLED[sent["speaker_start"] : sent["speaker_end"]] == sent["speaker"] == "Oslo and Rome"
    assert sent["predicted"] == {"confidence": 0}
    assert not {"kind", "cue"} & set(sent)
    assert page.js("return CSS.highlights.has('draft')") is False
    page.one("button", "Add another").click()
    assert page.focused.get_attribute("name") == "words"


def test_a_statement_is_added_by_the_keyboard(page, server):
    page.read(TANGLED)
    tab_to(page, ".add-statement")
    page.press(ENTER)
    assert page.focused.tag_name == "h2"
    tab_to(page, "#correct-words")
    page.press("Minister Ada Brandt no")
    assert "Not in the article" in page.text("#words-hint")
    page.press("\ue003" * 2, "said")
    assert "lit up" in page.text("#words-hint")
    tab_to(page, "[name=stance]")
    page.press(" ")
    tab_to(page, "#correct-actor")
    page.press("Ada Brandt")
    tab_to(page, ".correction-form [type=submit]")
    page.press(ENTER)
    until(lambda: "Statement kept" in page.focused_text)
    (sent,) = server.feedback.received
    assert TANGLED[sent["start"] : sent["end"]] == sent["quote"] == "Minister Ada Brandt said"
    page.press(ESCAPE)
    assert page.focused.get_attribute("class") == "add-statement"


def test_the_same_words_are_added_for_one_actor_after_the_other(page, server):
    page.read(TANGLED)
    page.one(".add-statement").click()
    # the last two are not in the text, and the last is corrected
    for number, actor in enumerate(("Oslo", "Rome", "Norvania", "Sudmark", "Sudmark")):
        if number:
            page.one("button", "Add another").click()
        page.write("correct-words", "condemned the raid")
        page.one("label.choice", "neutral" if number == 4 else "condemning").click()
        page.write("correct-actor", actor)
        send(page, "Send statement")
    sent = server.feedback.received
    placed = [TANGLED[s["speaker_start"] : s["speaker_end"]] for s in sent if "speaker_start" in s]
    assert placed == [s["speaker"] for s in sent if "speaker" in s] == ["Oslo", "Rome"]
    requests = [FeedbackRequest(**body) for body in sent]
    assert [request.problems(len(TANGLED)) for request in requests] == [[]] * 5
    statements = [request.correction("fake-1").statement for request in requests]
    assert len(set(statements)) == 4
    assert statements[3] == statements[4]


def test_corrections_of_the_models_own_statement_are_of_one_whoever_the_actor(page, server):
    page.read(TANGLED)
    for actor in ("Oslo", "Norvania"):
        start_correction(page, 5)  # which names nobody
        page.write("correct-actor", actor)
        send(page)
    assert [sent["actor"] for sent in server.feedback.received] == ["Oslo", "Norvania"]
    assert not any({"speaker", "predicted"} & set(sent) for sent in server.feedback.received)
    assert len({FeedbackRequest(**s).correction("fake-1").statement for s in server.feedback.received}) == 1


@pytest.mark.parametrize(
    ("name", "words", "before"),
    [
        ("Oslo", "We agree", "🚀 Oslovia and "),
        ("Oslo", "We object", "🚀 Oslovia and Oslo: “We agree,” said "),
        ("Ada  Brandt ", "We agree", "🚀 Oslovia and Oslo: “We agree,” said Oslo.\nThen "),
        ("Oslov", "We agree", None),
        ("U.S. (Navy)", "We agree", None),
        (" ", "We agree", None),
    ],
)
def test_the_name_nearest_to_the_quote_is_the_speaker(page, name, words, before):
    text = "🚀 Oslovia and Oslo: “We agree,” said Oslo.\nThen Ada\nBrandt: “We object.”"
    start = page.promise(
        "const { nameNear } = await import('/page/chosen_words.js');"
        "const start = given[0].indexOf(given[2]);"
        "const place = nameNear(given[0], given[1], { start, end: start + given[2].length });"
        "return place && given[0].slice(0, place.start)",
        text,
        name,
        words,
    )
    assert start == before


def test_the_borders_of_a_quote_are_moved_and_moved_again(page, server):
    page.read(TANGLED)
    start_correction(page, 1)
    select(page, "“shameful” words")
    page.one("#selection-bar button", "Use as the quote").click()
    assert page.one("#correct-words").get_property("value") == "“shameful” words"
    send(page)
    start_correction(page, 1)
    select(page, "words about the raid")
    page.one(".correction-form button", "Use the selected words").click()
    send(page)
    first, second, taken_back = server.feedback.received
    for sent in (first, second):
        assert TANGLED[sent["start"] : sent["end"]] == sent["quote"]
        assert (sent["speaker"], sent["cue"], sent["stance"]) == ("the envoy", "words", "condemning")
        assert "kind" not in sent
    assert [first["quote"], second["quote"]] == ["“shameful” words", "words about the raid"]
    # or the first one would still be in force
    assert taken_back["is_statement"] is False
    assert (taken_back["start"], taken_back["end"], taken_back["quote"]) == (
        first["start"],
        first["end"],
        first["quote"],
    )


def test_of_words_in_several_places_those_nearest_are_meant(page, server):
    page.read(TANGLED)
    start_correction(page, 3)
    page.write("correct-words", "the  raid")
    send(page)
    (sent,) = server.feedback.received
    assert sent["quote"] == "the raid"
    assert sent["start"] == TANGLED.rindex("the raid") > TANGLED.index("the raid")


def test_words_that_are_not_in_the_article_are_no_quote(page, server):
    page.read(TANGLED)
    start_correction(page, 0)
    page.one(".correction-form button", "Use the selected words").click()
    assert "Nothing is selected" in page.text("#words-hint")
    page.write("correct-words", "the envoy's words")
    page.one("button", "Send correction").click()
    assert "Say which words are the quote" in page.text(".correction-form")
    assert page.focused.get_attribute("name") == "words"
    page.one("label.choice", "not a statement").click()
    send(page)
    (sent,) = server.feedback.received
    assert sent["quote"] == "🕊️ the envoy’s “shameful” words about the raid were wrong"


def test_a_selection_ends_with_escape_before_anything_else(page):
    page.read(TANGLED)
    open_quote(page, 2)
    select(page, "We support")
    page.one("#selection-bar")
    page.press(ESCAPE)
    assert not page.all("#selection-bar")
    assert page.js("return getSelection().isCollapsed")
    page.one("#panel[data-shows='quote']")
    page.js("getSelection().selectAllChildren(document.querySelector('.lede') ?? document.body)")
    time.sleep(0.1)
    assert not page.all("#selection-bar")


# Waiting


def test_a_reading_can_be_cancelled(page, server):
    server.model.hold()
    page.write("article-text", TEXT)
    page.one("#read").click()
    page.one("#read", "Reading…")
    assert server.model.entered.wait(10)
    page.one("#cancel").click()
    page.one("#read", "Read the article")
    server.model.gate.set()
    time.sleep(0.1)
    assert not page.all("#result")
    assert page.one("#article-text").get_property("value") == TEXT


def test_there_is_no_way_back_while_an_article_is_read(page, server):
    page.read(TEXT)
    page.one(".result-head button", "Edit").click()
    page.one("#back")
    for end in ("cancelled", "read"):
        server.model.hold()
        page.one("#read").click()
        page.one("#read", "Reading…")
        assert server.model.entered.wait(10)
        assert not page.all("#back")
        drop(page, "next.txt", TANGLED)
        assert not page.all("#back")
        if end == "cancelled":
            page.one("#cancel").click()
            page.one("#back")
        server.model.gate.set()
    page.one("#result")
    page.one(".result-head button", "Edit").click()
    page.one("#back")
