"""The page with hostile texts, long ones, narrow and dark screens, and a service that refuses."""

import random
import re
import time
from itertools import pairwise

import pytest

pytest.importorskip("fastapi", reason="the service needs the serve extra")
from fakes import TEXT
from page_browser import browser, select
from page_servers import TANGLED, page_server
from serving import until

from quotestance.model.types import Article

KEY = "a-key-0123456789abc"
HOSTILE = (
    '<script>document.title = "taken"</script> Dora Lind said: "We support <img src=x onerror=document.title=1> it." '
    '\u202eOmar Fell said: "I condemn\u202e it &amp; \u2067that."\n\nInes Holt said: "\ufeff</bdi></p>'
    '<b>bold\x00 �."'
)

# Each text that is shown, with the colours it is shown in, blended down to what is opaque.
_CONTRASTS = r"""
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const rgba = (colour) => {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
};
const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
const behind = (element) => {
  if (!element) return [255, 255, 255, 1];
  const own = rgba(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own : over(own, behind(element.parentElement));
};
const light = (colour) => {
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = colour.slice(0, 3).map((c) => linear(c / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  const words = walker.currentNode.textContent.trim();
  if (!words || !element.checkVisibility({ visibilityProperty: true })) continue;
  if (element.closest(":disabled, noscript, option")) continue;
  if (element.getBoundingClientRect().width < 2) continue;
  const under = behind(element);
  let shown = rgba(getComputedStyle(element).color);
  for (let at = element; at; at = at.parentElement) shown[3] *= Number(getComputedStyle(at).opacity);
  const [a, b] = [light(over(shown, under)), light(under)].sort((x, y) => y - x);
  found.push([(a + 0.05) / (b + 0.05), words.slice(0, 40), element.className]);
}
return found;
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
    driven.open(server.base)
    yield driven
    assert not [host for host in driven.hosts() if not host.startswith("127.0.0.1:")]
    assert driven.complaints() == []


def states(page):
    """The page in each of its states, one after the other."""
    yield "empty"
    page.one("#read").click()
    page.one("#entry-problem [role=alert]")
    yield "problem"
    page.read(TANGLED, title="A raid on the port of a town with quite a long name")
    yield "result"
    page.all(".chip")[0].click()
    page.one("#panel[data-shows='actor']")
    yield "actor"
    page.js("document.querySelector('.quote-item').click()")
    page.one("#panel[data-shows='quote']")
    yield "quote"
    page.js("document.querySelector('.correct').click()")
    page.one(".correction-form")
    yield "correction"
    select(page, "Oslo and Rome condemned")
    page.one("#selection-bar")
    yield "selection"
    page.one("#selection-bar button", "Add as a statement").click()
    page.one("#panel[data-shows='missed']")
    yield "missed"


# What comes from others is text


def test_hostile_text_stays_text(page):
    page.read(HOSTILE, title="<b>A</b> \u202etitle", target="<i>the raid</i>\u202e")
    assert page.driver.title.startswith("quotestance")
    assert page.js("return document.querySelectorAll('#result :is(script, img, b, i)').length") == 0
    shown = page.js("return [...document.querySelectorAll('#article .quote')].map((q) => q.textContent).join('')")
    said = re.findall(r'said: "([^"]*)"', HOSTILE)
    assert shown == "".join(said)
    assert page.text("#result-heading") == "<b>A</b> \u202etitle"
    assert "<i>the raid</i>" in page.text(".target")


def test_an_override_of_direction_ends_with_its_element(page):
    page.read(HOSTILE)
    isolated = "return [...document.querySelectorAll(arguments[0])].map((e) => getComputedStyle(e).unicodeBidi)"
    assert set(page.js(isolated, "#article p, #article p > span:not(.lead), #article .quote, bdi")) == {"isolate"}
    page.all("#article .mark")[0].click()
    page.one("#panel[data-shows='quote']")
    assert set(page.js(isolated, "#panel bdi")) == {"isolate"}
    lefts = page.js(
        "const range = document.createRange(); const node = document.querySelector('.reasons dt').firstChild;"
        "return [0, 1, 2].map((i) => { range.setStart(node, i); range.setEnd(node, i + 1);"
        " return range.getBoundingClientRect().left; })"
    )
    assert lefts == sorted(lefts)


def test_half_a_character_is_sent_as_what_stands_for_it(page):
    page.js(
        "document.getElementById('article-text').value = 'The raid. \\ud83d Dora Lind said: \"We support \\udd4a.\"'"
    )
    page.one("#read").click()
    page.one("#article .quote.is-supportive", "We")  # with its words: it stands there a moment before it is shown
    assert page.text("#article .quote.is-supportive") == "We"
    assert page.text("#article").startswith("The raid. \ufffd Dora Lind")


def test_offsets_are_those_of_python(page):
    chance = random.Random(7)
    alphabet = ["a", "é", "\u202e", "\n", "🚀", "🕊️", "\U0010ffff", "\ud83d", "\ude80x"]
    texts = ["".join(chance.choices(alphabet, k=chance.randrange(40))) for _ in range(60)]
    # a lone high surrogate before a lone low one is one character to JavaScript, and cannot come from a server's UTF-8
    texts = [text for text in texts if not re.search("[\ud800-\udbff][\udc00-\udfff]", text)]
    assert len(texts) > 30
    expected = [[len(t[:i].encode("utf-16-le", "surrogatepass")) // 2 for i in range(len(t) + 1)] for t in texts]
    found = page.promise(
        "const { unitOffsets, codePointLength } = await import('/page/code_points.js');"
        "return given[0].map((units) => { const text = String.fromCharCode(...units); const to = unitOffsets(text);"
        " return Array.from({ length: codePointLength(text) + 1 }, (_, i) => to(i)); })",
        [_units(text) for text in texts],
    )
    assert found == expected


def _units(text):
    data = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)]


def test_overlapping_quotes_cover_what_they_should(page):
    chance = random.Random(3)
    spans = [sorted((chance.randrange(30), chance.randrange(31))) for _ in range(12)]
    segments = page.promise(
        "const { segmentsOf } = await import('/page/segments.js');"
        "return segmentsOf(30, given[0].map(([start, end]) => ({ start, end })))",
        spans,
    )
    assert [s["start"] for s in segments] == [0, *(s["end"] for s in segments[:-1])]
    assert segments[-1]["end"] == 30
    for segment in segments:
        for at in range(segment["start"], segment["end"]):
            assert sorted(segment["covering"]) == [i for i, (a, b) in enumerate(spans) if a <= at < b]


def test_a_long_article_stays_responsive(page):
    lines = [f'Dora Lind said: "We support {"it " * 20}{i}." Omar Fell said: "I condemn it 🚀."' for i in range(1500)]
    text = "A raid.\n\n" + "\n\n".join(lines)
    assert len(text) > 180_000
    page.js(
        "window.longest = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries())"
        " window.longest = Math.max(window.longest, entry.duration); }).observe({ type: 'longtask' })"
    )
    page.read(text)
    assert "3000 statements by 2 actors" in page.text(".result-head")
    page.one(".chip", "Omar Fell").click()
    page.one("#panel[data-shows='actor']")
    page.js("document.querySelector(`.mark[data-statement='2999']`).click()")
    page.one("#panel[data-shows='quote']")
    box = page.js("return document.querySelector(`.mark[data-statement='2999']`).getBoundingClientRect().toJSON()")
    assert page.js("return window.longest") < 3000  # alone on this kind of machine it is a tenth of that
    until(lambda: page.js("return scrollY") > 1000)
    assert box["width"] > 0


def test_an_article_of_many_actors(page):
    page.read("The raid. " + " ".join(f'Name{i} Lind said: "We support it."' for i in range(80)))
    assert len(page.all(".chip")) == 80
    assert not page.all(".axis")


# Every screen


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_never_scrolls_sideways(page, width):
    page.screen(width, 760)
    for state in states(page):
        assert page.js("return document.documentElement.scrollWidth") <= width, state
        wide = page.js(
            "return [...document.querySelectorAll('main *')].filter((e) => e.checkVisibility())"
            ".filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.visually-hidden'))"
            ".map((e) => e.outerHTML.slice(0, 200))"
        )
        assert wide == [], state
    sheet = page.js("return document.getElementById('panel').getBoundingClientRect().toJSON()")
    assert sheet["bottom"] == 760
    assert sheet["height"] < 760 * 0.7


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_has_enough_contrast(page, dark):
    page.dark(dark)
    light = page.js("return getComputedStyle(document.body).backgroundColor")
    assert (light == "rgb(247, 247, 244)") is not dark
    for state in states(page):
        page.js("document.activeElement.blur()")
        found = page.js(_CONTRASTS)
        assert len(found) > 10
        assert [entry for entry in found if entry[0] < 4.5] == [], state


def test_every_control_has_a_name_and_the_page_its_landmarks(page):
    for state in states(page):
        for control in page.all("button, a, input, select, textarea, summary"):
            assert control.accessible_name.strip(), (state, control.get_attribute("outerHTML"))
        ids = page.js("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
        assert len(ids) == len(set(ids)), state
        levels = page.js(
            "return [...document.querySelectorAll('h1, h2, h3, h4')]"
            ".filter((h) => h.checkVisibility()).map((h) => +h.tagName[1])"
        )
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(levels)), (state, levels)
        assert page.js("return document.querySelectorAll('main, body > header, body > footer').length") == 3
        broken = page.js(
            "return [...document.querySelectorAll('[aria-labelledby], [aria-describedby], label[for]')]"
            ".filter((e) => e.checkVisibility())"
            ".map((e) => e.htmlFor ?? e.getAttribute('aria-labelledby') ?? e.getAttribute('aria-describedby'))"
            ".filter((id) => !document.getElementById(id))"
        )
        assert broken == []
    assert page.js("return document.documentElement.lang") == "en"


# When the service refuses


def said(page):
    return page.one("#entry-problem [role=alert]").text


def test_a_key_is_asked_for_only_when_the_server_wants_one(page):
    with page_server(keys=[KEY]) as server:
        page.open(server.base)
        assert not page.all("#key-form")
        page.write("article-text", TEXT)
        page.one("#read").click()
        page.one("#key-form")
        assert "This server asks for an API key" in said(page)
        assert page.focused.get_attribute("id") == "api-key"
        page.press("wrong-key-0123456789", "\ue007")
        page.one("#key-form")
        page.press(KEY, "\ue007")
        page.one("#result")
        assert "fake-1" in page.text("footer")
        assert page.js("return [sessionStorage.length, localStorage.length, document.cookie]") == [1, 0, ""]
        page.driver.refresh()
        page.write("article-text", TEXT)
        page.one("#read").click()
        page.one("#result")


def test_too_large_too_many_and_too_long(page):
    with page_server(max_body_bytes=2000, max_targets=2, max_characters=1000) as server:
        page.open(server.base)
        page.write("article-text", "x" * 3000)
        until(lambda: "this server takes 1,000" in page.text("#article-count"))
        page.one("#read").click()
        assert "too large for this server\nThe body is over 2,000 bytes." in said(page)
        page.write("article-text", "x" * 1100)
        page.one("#read").click()
        page.one("#entry-problem", "the limit is 1,000")
        page.write("article-text", TEXT)
        page.write("article-target", "a, b, c")
        page.one("#read").click()
        page.one("#entry-problem", "3 targets; the limit is 2")
        assert page.one("#article-text").get_property("value") == TEXT


def test_busy_and_then_not(page):
    with page_server(queue_items=1, max_items=1) as server:
        page.open(server.base)
        server.model.hold()
        deadline = time.monotonic() + 60
        held = server.engine.submit([Article(id="held", text=TEXT)], deadline)
        assert server.model.entered.wait(10)
        waiting = server.engine.submit([Article(id="waiting", text=TEXT)], deadline)
        page.write("article-text", TEXT)
        page.one("#read").click()
        assert "The server is busy" in said(page)
        assert re.search(r"Try again in about \d+ second", said(page))
        server.model.gate.set()
        held.future.result(10)
        waiting.future.result(10)
        page.one("#entry-problem button", "Try again").click()
        page.one("#result")


def test_not_ready_and_not_there(page):
    with page_server(ready=False) as server:
        page.open(server.base)
        page.write("article-text", TEXT)
        page.one("#read").click()
        assert "The server is not ready" in said(page)
        assert "Try again in about 5 seconds." in said(page)
    page.one("#entry-problem button", "Try again").click()
    page.one("#entry-problem", "The server did not answer")
    assert page.one("#article-text").get_property("value") == TEXT
    page.driver.get_log("browser")  # the browser's own word on a refused connection
