"""A scored archive of invented articles, and beside it what is true of it: each article's day, who each name is."""

import json
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from quotestance.service.archive.parquet_schema import ARTICLES, STATEMENTS

HOSTILE = "</style><script>alert(1)</script>\u202egnorw\u202c <img src=x onerror=alert(1)> {{ 7*7 }} & \"'>"
TARGETS = ("the raid on the port of Lund", "the shelling of Karsk", "drone strikes on Old Mill", HOSTILE)
# the names that stand in articles, who that is, and the type; `None` stands for nobody named
NAMES: tuple[tuple[str | None, str | None, str | None], ...] = (
    ("Ana Ruiz", "ana ruiz", "person"),
    ("ANA  RUIZ", "ana ruiz", "person"),
    ("Ruiz", "ruiz", "person"),
    ("the Northern League", "northern league", "armed_group"),
    ("Northern League", "northern league", "armed_group"),
    ("Northern League", "northern league", "organisation"),
    ("U.K.", "uk", "government"),
    ("UK", "uk", "government"),
    ("Britain", "uk", "government"),
    ("Omar Fell", "omar fell", "person"),
    ("Fell", "fell", "person"),
    ("O’Hara’s office", "o'hara's office", "organisation"),
    ("O'Hara's office", "o'hara's office", "organisation"),
    ("وزارة الدفاع", "وزارة الدفاع", "government"),
    (HOSTILE, None, "group"),
    (None, None, None),
)
SOURCES = ("Karsk Courier", "KARSK COURIER", "Lund Post", "The Evening", "evening", HOSTILE, None, None)
REASONS = (
    "`text` is empty",
    "not valid JSON: Expecting value (column 7)",
    "not valid JSON: Expecting value (column 9)",
)


@dataclass
class Archive:
    """`folder` of shards; `days` of article ids (None: no date that can be read), `dated` has those with any date."""

    folder: Path
    articles: list[dict[str, Any]] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)
    days: dict[str, date | None] = field(default_factory=dict)


def write_archive(folder: Path, count: int = 300, seed: int = 5) -> Archive:
    """Shards of `count` articles, in two statement and two article files, with a manifest and a quarantine."""
    chance = random.Random(seed)
    archive = Archive(folder)
    for number in range(count):
        _add_article(archive, chance, number)
    folder.mkdir(parents=True)
    half = len(archive.statements) // 2
    write_parquet(folder / "statements-00000.parquet", archive.statements[:half], STATEMENTS)
    write_parquet(folder / "statements-00001.parquet", archive.statements[half:], STATEMENTS)
    write_parquet(folder / "articles-00000.parquet", archive.articles[: count // 2], ARTICLES)
    write_parquet(folder / "articles-00001.parquet", archive.articles[count // 2 :], ARTICLES)
    lines = [{"source": "in.jsonl", "line": i, "reason": reason, "raw": "{"} for i, reason in enumerate(REASONS)]
    (folder / "quarantine.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "manifest.json").write_text(
        json.dumps({"model": "m-1", "format": "parquet", "complete": True, "shards": 2})
    )
    return archive


def write_parquet(path: Path, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
    pq.write_table(pa.Table.from_pylist(rows, schema), path)


def scored_lines(archive: Archive) -> str:
    """The same archive as `score` writes it in lines of JSON."""
    said: dict[str, list[dict[str, Any]]] = {}
    for row in archive.statements:
        said.setdefault(row["article_id"], []).append(_json_statement(row))
    return "".join(json.dumps({**a, "statements": said.get(a["id"], [])}) + "\n" for a in archive.articles)


def _json_statement(row: dict[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in row.items() if key not in ("article_id", "index", "stances")}
    stances = [_with_probabilities(stance) for stance in row["stances"] or ()]
    return _with_probabilities(plain) | ({"stances": stances} if stances else {})


def _with_probabilities(fields: dict[str, Any]) -> dict[str, Any]:
    left = {key: value for key, value in fields.items() if not key.startswith("p_")}
    stances = ("supportive", "neutral", "condemning")
    some = fields["stance"] is not None
    return left | {"probabilities": {s: fields[f"p_{s}"] for s in stances} if some else None}


def _add_article(archive: Archive, chance: random.Random, number: int) -> None:
    id = f"a{number:04}"
    english = chance.random() > 0.05
    targets = [] if not english or chance.random() < 0.1 else chance.sample(TARGETS, 2 if chance.random() < 0.2 else 1)
    day = date(2021, 3, 1) + timedelta(days=chance.randrange(240))
    text, known = _date_text(chance, day, number)
    archive.days[id] = known
    source = chance.choice(SOURCES)
    count = chance.choice((0, 1, 2, 4, 7)) if english else 0
    host = chance.choice(("https://news.example/a?x=1&y=2", "http://www.Lund.example:80/b#top", "javascript:alert(1)"))
    archive.articles.append(
        {
            "id": id,
            "title": chance.choice((f"Article {number}", HOSTILE, None)),
            "date": text,
            "source": source,
            "url": None if chance.random() < 0.3 else host,
            "target": {"text": targets[0], "source": "given" if number % 3 else "found"} if targets else None,
            "targets": [{"text": t, "source": "given" if number % 3 else "found"} for t in targets],
            "actors": None,
            "statement_count": count,
            "language": "en" if english else chance.choice(("fr", "ar")),
            "scored": english,
            "truncated": chance.random() < 0.1,
            "model": "m-1" if number % 10 else "m-0",
        }
    )
    for index in range(count):
        archive.statements.append(_statement(chance, id, index, targets))


def _statement(chance: random.Random, id: str, index: int, targets: list[str]) -> dict[str, Any]:
    name, who, kind = chance.choice(NAMES)
    lean = {"ana ruiz": 0.8, "northern league": -0.8, "uk": 0.0}.get(who or "", chance.uniform(-0.9, 0.9))
    stances = [_stance(chance, lean) for _ in targets] or [dict.fromkeys(_stance(chance, 0.0))]
    quote = chance.choice(
        (f"We hold with number {chance.randrange(10**6)} of what was done", HOSTILE, "Copied line " * 6)
    )
    start = 100 * index
    place = {"quote": quote, "start": start, "end": start + len(quote)}
    speaker = {"speaker": name and "she", "speaker_start": 0 if name else None, "speaker_end": 3 if name else None}
    cue = {"cue": "said", "cue_start": 4, "cue_end": 8}
    identity = {"kind": "direct", "actor": name, "actor_type": kind, "resolved": bool(name) and chance.random() > 0.1}
    several = [{"target": t, **s} for t, s in zip(targets, stances, strict=True)] if targets else None
    return {"article_id": id, "index": index, **place, **speaker, **cue, **identity, **stances[0], "stances": several}


def _stance(chance: random.Random, lean: float) -> dict[str, Any]:
    supportive = round(min(1.0, max(0.0, 0.4 + lean / 2 + chance.uniform(-0.2, 0.2))), 4)
    condemning = round((1 - supportive) * chance.choice((0.1, 0.5, 0.9)), 4)
    neutral = round(1 - supportive - condemning, 4)
    each = {"supportive": supportive, "neutral": neutral, "condemning": condemning}
    confidence = max(each.values())
    return {
        "stance": max(each, key=lambda stance: each[stance]),
        **{f"p_{stance}": value for stance, value in each.items()},
        "score": round(supportive - condemning, 4),
        "confidence": confidence,
        "abstained": confidence < 0.6,
    }


def _date_text(chance: random.Random, day: date, number: int) -> tuple[str | None, date | None]:
    """A date as an archive may have it, and the day it says. Slashes have the day first, and now and then show it."""
    forms = (
        f"{day}",
        f"{day}T23:59:59-11:00",
        f"{day:%a, %d %b %Y} 00:01:00 +1400",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day}/{day.month}/{day.year}",
    )
    if number % 17 == 0:
        return chance.choice((None, "", "  ")), None
    if number % 19 == 0:
        return chance.choice(("yesterday", "2021-02-30", "9999-12-31", HOSTILE)), None
    return chance.choice(forms), day
