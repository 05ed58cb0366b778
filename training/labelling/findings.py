"""What `labels check` finds: pass, warn and fail lines with the places they are about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["pass", "warn", "fail"]
SHORT = 60  # characters of a quote that a person is shown


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file; `statement` counts from 1, None for the line as a whole."""

    path: str
    line: int
    statement: int | None = None

    def __str__(self) -> str:
        head = f"{self.path}:{self.line}"
        return head if self.statement is None else f"{head} statement {self.statement}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `place` is None where it is about the files as a whole."""

    level: Level
    check: str
    message: str
    place: Place | None = None
    other: Place | None = None

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{self.level}  {where}{self.message}"

    def as_json(self) -> dict[str, Any]:
        """Fields of the finding, places flattened; absent ones are null."""
        place, other = self.place, self.other
        return {
            "level": self.level,
            "check": self.check,
            "message": self.message,
            "file": place.path if place else None,
            "line": place.line if place else None,
            "statement": place.statement if place else None,
            "other_file": other.path if other else None,
            "other_line": other.line if other else None,
            "other_statement": other.statement if other else None,
        }


def passed_or(check: str, passed: str, found: Iterable[Finding]) -> list[Finding]:
    """The findings, or where there are none the one line that says so."""
    return list(found) or [Finding("pass", check, passed)]


def listed(findings: Sequence[Finding], most: int) -> list[str]:
    """The report's lines: of one check at most `most` of a level, the rest counted."""
    lines: list[str] = []
    for check in dict.fromkeys(f.check for f in findings):
        for level in ("fail", "warn", "pass"):
            own = [f for f in findings if f.check == check and f.level == level]
            lines += [str(f) for f in own[:most]]
            if len(own) > most:
                lines.append(f"{level}  … and {len(own) - most:,} more like these ({check}); --json has all")
    return lines


def short(text: str) -> str:
    """A few words of a text in one line, for a person's terminal."""
    line = " ".join(text.split())
    shown = line if len(line) <= SHORT else line[: SHORT - 1] + "…"
    return "“" + "".join(c if c.isprintable() else "\ufffd" for c in shown) + "”"
