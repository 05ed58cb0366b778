"""Text of an archive as it may stand in the page: one line, no control characters, none that reorders the line."""

from quotestance.service.show import visible

QUOTE_CHARACTERS = 320
NAME_CHARACTERS = 80


def shown(text: str, limit: int = QUOTE_CHARACTERS) -> str:
    """The text in one line, cut at a space (with an ellipsis) where it is longer than `limit`."""
    line = " ".join(visible(text[: limit * 4]).split())
    if len(line) <= limit:
        return line
    kept = line[: limit - 1]
    in_a_word = line[limit - 1] != " " and " " in kept[limit // 2 :]
    return (kept.rsplit(" ", 1)[0] if in_a_word else kept) + "…"
