"""A report's page as tests look at it."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """`numbers`: the value of each numbered element by its place in the findings; `words`: the text without them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.numbers: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.heads: list[str] = []  # the first cell of each row
        self.words: list[str] = []
        self._open: list[str] = []
        self._head = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self._open.append(tag)
        if key := attributes.get("data-n"):
            value = attributes.get("value") or attributes.get("datetime") or ""
            assert self.numbers.setdefault(key, value) == value, f"{key} has two values"
        if tag == "th":
            self._head = attributes.get("scope") == "row"
            self.heads += [""] if self._head else []

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "th" in self._open and self._head and "bdi" in self._open:
            self.heads[-1] += data
        if not {"data", "time", "bdi", "style", "svg", "blockquote", "code", "cite"} & set(self._open):
            self.words.append(data)

    def those(self, prefix: str) -> dict[str, str]:
        """The numbers whose place begins so."""
        return {key: value for key, value in self.numbers.items() if key.startswith(prefix)}
