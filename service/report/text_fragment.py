"""A link to the place of a quote in an article on the web: the article's address with a text fragment.

https://wicg.github.io/scroll-to-text-fragment/: browsers that know it scroll there, others open the page.
"""

from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

_WHOLE = 8  # words; of a longer quote only its ends are named, which may stand in different paragraphs
_END = 4
_ADDRESS_CHARACTERS = "%/:?#[]@!$&'()*+,;=-._~"


def quote_link(url: str | None, quote: str) -> str | None:
    """The address to open, or None where `url` is not an http(s) address."""
    if not url or any(c.isspace() or not c.isprintable() for c in url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    if not usable:
        return None
    words = quote.split()
    if not words:
        return percent_encoded(url, safe=_ADDRESS_CHARACTERS)
    ends = [words] if len(words) <= _WHOLE else [words[:_END], words[-_END:]]
    directive = ",".join(_encoded(" ".join(end)) for end in ends)
    return f"{percent_encoded(url, safe=_ADDRESS_CHARACTERS)}{'' if parts.fragment else '#'}:~:text={directive}"


def _encoded(words: str) -> str:
    return percent_encoded(words, safe="", errors="replace").replace("-", "%2D")  # a hyphen is syntax there
