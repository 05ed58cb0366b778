"""Label lines for the tests of `training/labelling`; invented."""

import json
from pathlib import Path
from typing import Any

TEXT = "They met. Ada Obi said he was wrong to order the raid on Tessaly."
QUOTE = "he was wrong to order the raid on Tessaly"


def line(text: str = TEXT, **changes: Any) -> dict[str, Any]:
    """An article with one statement, whose fields `changes` replaces; fields of the article begin with `article_`."""
    statement = {
        "quote": QUOTE,
        "quote_span": [text.index(QUOTE), text.index(QUOTE) + len(QUOTE)],
        "speaker": "Ada Obi",
        "speaker_span": [text.index("Ada Obi"), text.index("Ada Obi") + 7],
        "cue": "said",
        "cue_span": [text.index("said"), text.index("said") + 4],
        "kind": "indirect",
        "actor": "Ada Obi",
        "actor_type": "person",
        "strike": "S1",
        "stance": "condemning",
        "about": "strike",
        "certainty": 2,
    }
    article = {
        "doc_id": "d1",
        "title": "A raid",
        "date": "2031-01-02",
        "source": "here",
        "text": text,
        "strikes": [{"id": "S1", "description": "the raid on Tessaly", "attacker": "x", "main": True}],
    }
    article |= {key[8:]: value for key, value in changes.items() if key.startswith("article_")}
    changed = {key: value for key, value in changes.items() if not key.startswith("article_")}
    return article | {"statements": [{**statement, **changed}]}


def row(**changes: Any) -> dict[str, Any]:
    """A plain row."""
    return {"text": TEXT, "actor": "Ada Obi", "target": "the raid", "stance": "condemning", "quote": QUOTE, **changes}


def write(path: Path, *rows: Any) -> Path:
    """A file of lines; what is no text is written as JSON."""
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines."""
    return [json.loads(part) for part in path.read_text(encoding="utf-8").splitlines()]
