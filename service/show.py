"""A reading for a person: the text with its quotes marked by stance, then the actors in a table.

Nothing relies on colour alone, and what the article holds is printed as text: never as markup or terminal control.
"""

import sys
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from quotestance.model.types import ActorType, Reading, Stance, StanceLabel, Statement

_SYMBOLS: dict[StanceLabel, str] = {"supportive": "+", "neutral": "·", "condemning": "−"}
_STYLES: dict[StanceLabel, str] = {"supportive": "green", "neutral": "yellow", "condemning": "red"}
# Short enough to leave a terminal of 80 columns to the names.
_TYPES: dict[ActorType, str] = {
    "person": "person",
    "government": "gov.",
    "armed_group": "armed",
    "organisation": "org.",
    "group": "group",
}
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def show(reading: Reading, console: Console | None = None) -> None:
    """Print the reading to `console`, by default standard output."""
    if console is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")  # a terminal that is not UTF-8 shows "?", and the rest
        console = Console(highlight=False, markup=False, emoji=False)
    heading = _heading(reading)
    if heading.plain:
        console.print(heading)
        console.print()
    console.print(marked_text(reading))
    console.print()
    for index, target in enumerate(reading.targets):
        source = "target" if target.source == "given" else "target (found in the article)"
        console.print(Text(f"{source}: {visible(target.text)}", style="bold"))
        console.print(_actor_table(reading, index))
    if not reading.targets:
        console.print(Text("No strike found in this article: statements are listed without a stance."))
        console.print(_actor_table(reading, 0))
    for line in _notes(reading):
        console.print(Text(line, style="dim"))


def marked_text(reading: Reading) -> Text:
    """The article's text with a label before each quote, e.g. `[+ Ana Ruiz] `, and the quote coloured."""
    text = visible(reading.article.text)
    statements = sorted(reading.statements, key=lambda s: (s.span.start, -s.span.end))
    labels = [_label(statement) for statement in statements]
    pieces: list[str] = []
    position = 0
    for statement, label in zip(statements, labels, strict=True):
        pieces += (text[position : statement.span.start], label)
        position = statement.span.start
    marked = Text("".join(pieces) + text[position:])
    starts = [statement.span.start for statement in statements]
    inserted = [0, *accumulate(len(label) for label in labels)]  # characters of labels before the i-th one
    for i, statement in enumerate(statements):
        start = statement.span.start + inserted[i]
        end = statement.span.end + inserted[bisect_left(starts, statement.span.end)]
        marked.stylize(f"bold {_style(statement.stance)}", start, start + len(labels[i]))
        # labels of nested statements that begin where this one does stay outside its colour
        body = statement.span.start + inserted[bisect_right(starts, statement.span.start)]
        marked.stylize(_style(statement.stance), body, end)
    return marked


def visible(text: str) -> str:
    """The text with every character still one character, and none that steers a terminal or reorders the line."""
    return "".join(map(_visible_character, text.replace("\r\n", " \n")))


def _visible_character(c: str) -> str:
    if c == "\n" or " " <= c <= "~":
        return c
    if c in "\r\x0b\x0c\x85\u2028\u2029":
        return "\n"
    if c == "\t":
        return " "
    if c < " ":
        return chr(0x2400 + ord(c))  # the Unicode pictures of the control characters
    if c in _BIDI_CONTROLS or unicodedata.category(c) in ("Cc", "Cs"):
        return _REPLACEMENT
    return c


def _label(statement: Statement) -> str:
    name = _one_line(statement.actor.name) if statement.actor else "unnamed"
    symbol = _symbol(statement.stance)
    return f"[{symbol} {name}] " if symbol else f"[{name}] "


def _symbol(stance: Stance | None) -> str:
    if stance is None:
        return ""
    return _SYMBOLS[stance.label] + ("?" if stance.abstained else "")


def _style(stance: Stance | None) -> str:
    return _STYLES[stance.label] if stance else "cyan"


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())


def _heading(reading: Reading) -> Text:
    article = reading.article
    details = ", ".join(_one_line(part) for part in (article.source, article.date) if part)
    title = _one_line(article.title or "")
    return Text("\n").join([Text(line, style=style) for line, style in ((title, "bold"), (details, "dim")) if line])


def _actor_table(reading: Reading, target: int) -> Table:
    table = Table(padding=(0, 1), collapse_padding=True, box=box.SIMPLE_HEAD)
    table.add_column("actor", overflow="fold")
    for column in ("type", "stance"):
        table.add_column(column, no_wrap=True)
    for column in ("score", "conf.", "said"):
        table.add_column(column, justify="right", no_wrap=True)
    for actor in reading.actors:
        stance = actor.stances[target] if actor.stances else None
        table.add_row(
            Text(_one_line(actor.actor.name)),
            Text(_TYPES[actor.actor.type]),
            *_stance_cells(stance),
            Text(str(len(actor.statements))),
        )
    return table


def _stance_cells(stance: Stance | None) -> Sequence[Text]:
    if stance is None:
        return (Text("–"), Text("–"), Text("–"))
    return (
        Text(f"{_symbol(stance)} {stance.label}", style=_style(stance)),
        Text(f"{stance.score:+.2f}"),
        Text(f"{stance.confidence:.2f}"),
    )


def _notes(reading: Reading) -> list[str]:
    notes = ["[+] supportive  [·] neutral  [−] condemning"]
    unsure = sum(s.stance.abstained for s in reading.statements if s.stance)
    if unsure or any(stance.abstained for actor in reading.actors for stance in actor.stances):
        # the tables may have a ? where the text has none: the share is of the text's
        share = f": {unsure} of {len(reading.statements)} statements" if unsure else ""
        notes.append(f"[?] not sure enough (abstained), the likeliest stance is shown{share}")
    if len(reading.targets) > 1:
        notes.append("the text is marked with the stance toward the first target")
    if reading.truncated:
        notes.append("a quote was too long for the model: it was judged by its beginning")
    notes += [visible(warning) for warning in reading.warnings]
    notes.append(f"model: {visible(reading.model)}")
    return notes
