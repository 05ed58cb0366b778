"""Links to the place of a quote, and text as it may stand in the page."""

import pytest

from quotestance.service.report.text import shown
from quotestance.service.report.text_fragment import quote_link


@pytest.mark.parametrize(
    ("url", "quote", "link"),
    [
        ("https://a.example/x", "a grave mistake", "https://a.example/x#:~:text=a%20grave%20mistake"),
        ("https://a.example/x#top", "no", "https://a.example/x#top:~:text=no"),
        (
            "https://a.example/x?a=1&b=2",
            "anti-war, & more",
            "https://a.example/x?a=1&b=2#:~:text=anti%2Dwar%2C%20%26%20more",
        ),
        (
            "https://a.example/",
            "one two three four five six seven eight nine",
            "https://a.example/#:~:text=one%20two%20three%20four,six%20seven%20eight%20nine",
        ),
        ("https://a.example/é", "é", "https://a.example/%C3%A9#:~:text=%C3%A9"),
        ("HTTPS://a.example", "x", "HTTPS://a.example#:~:text=x"),
        ('https://a.example/"><b>', "x", "https://a.example/%22%3E%3Cb%3E#:~:text=x"),
        ("https://a.example/", "  ", "https://a.example/"),
    ],
)
def test_link(url: str, quote: str, link: str) -> None:
    assert quote_link(url, quote) == link


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "//a.example",
        "https:///x",
        "https://a b",
        "https://[",
        "java\nscript:x",
    ],
)
def test_no_link(url: str | None) -> None:
    assert quote_link(url, "words") is None


def test_shown() -> None:
    assert shown("two\n lines\t here") == "two lines here"
    assert "\u202e" not in shown("a\u202eb")
    assert shown("word " * 100, 20) == "word word word word…"
    assert shown("x" * 100, 20) == "x" * 19 + "…"
    assert len(shown("y " * 10**6, 80)) <= 80
