"""Statements that nobody has labelled, found by the shipped reader: what teachers judge for the scorer that they teach.

    python -m quotestance.training.unlabelled TEXTS… --targets LABELS… -o FILE.jsonl

TEXTS are JSON lines (`.jsonl`, `.jsonl.gz`) with a `text`. Only those that speak of arms are taken. A statement is
asked about the strike in its own text, or, where there is none, about one of LABELS. FILE is a label file whose stances
are the shipped model's own, of the lowest certainty: `train_scorer --unlabelled` does not use them.
"""

import argparse
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from quotestance.model import Article, Model, Reading, Statement, load
from quotestance.training.labels import read_labels
from quotestance.training.text_files import open_text

_ARMS = re.compile(
    r"\b(air|missile|drone|rocket|military|retaliatory|pre-?emptive)?[- ]?"
    r"(strikes?|airstrikes?|bomb\w*|missiles?|drones?|shelling|troops|raids?|attack\w*|military|war|ceasefire|weapons?)\b",
    re.IGNORECASE,
)


def texts_about_arms(paths: Sequence[Path]) -> list[str]:
    """Each text once, in order."""
    texts: dict[str, None] = {}
    for path in paths:
        with open_text(path) as lines:
            for line in lines:
                text = json.loads(line)["text"]
                if _ARMS.search(text):
                    texts[text] = None
    return list(texts)


def rows(model: Model, texts: Sequence[str], targets: Sequence[str], seed: int = 0) -> Iterator[dict[str, object]]:
    """A label-file line for each text in which the model finds a statement."""
    rng = random.Random(seed)
    plain = [Article(id=f"unlabelled-{i}", text=text) for i, text in enumerate(texts)]
    for article, found in zip(plain, model.read_many(plain), strict=True):
        if not isinstance(found, Reading) or not found.statements:
            continue
        reading = found
        if not reading.targets:
            reading = model.read(article.text, target=rng.choice(targets))
        target = reading.targets[0]
        yield {
            "doc_id": article.id,
            "text": article.text,
            "strikes": [{"id": "S1", "description": target.text, "main": True}],
            "statements": [_row(s) for s in reading.statements if s.stance is not None],
        }


def _row(statement: Statement) -> dict[str, object]:
    assert statement.stance is not None
    speaker = statement.speaker_span
    return {
        "quote": statement.quote,
        "quote_span": [statement.span.start, statement.span.end],
        "speaker_span": None if speaker is None else [speaker.start, speaker.end],
        "actor": statement.actor.name if statement.actor else statement.speaker or "unknown",
        "strike": "S1",
        "stance": statement.stance.label,
        "certainty": 1,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--targets", nargs="+", type=Path, required=True, metavar="LABELS")
    parser.add_argument("--most", type=int, help="texts, for a try")
    parser.add_argument("-o", "--out", type=Path, required=True)
    args = parser.parse_args()
    targets = sorted({s.target for s in read_labels(args.targets).statements})
    texts = texts_about_arms(args.texts)[: args.most]
    with args.out.open("w", encoding="utf-8") as file:
        count = 0
        for row in rows(load(), texts, targets):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    print(f"{count} of {len(texts)} texts have statements: {args.out}")


if __name__ == "__main__":
    main()
