"""The strike that is found in an article beside the main one of its labels: attacker, words, and where there is none.

    python benchmarks/found_targets.py LABELS.jsonl…

The attacker counts where the labelled one is a country or armed group of the lists, and is right where what is found
names it before "on", "in" or "against". Words are compared with the labelled description (F1, 0 where none is found).
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from quotestance.model.gazetteer import gazetteer
from quotestance.model.segmentation import segment
from quotestance.model.target import find_target
from quotestance.model.words import words_of
from quotestance.training.label_lines import BadLine, label_lines


def named(phrase: str) -> set[str]:
    """The countries and armed groups of a phrase, "US-led" and "Syrian" among them."""
    lists = gazetteer()
    found = set()
    for word in words_of(phrase):
        low = word.low.removesuffix("-led").removesuffix("-backed")
        if low == "us" and not word.text.startswith("US"):
            continue
        if country := lists.country(low):
            found.add(country.name)
        elif word.is_capital and low in lists.armed_names:
            found.add(word.text)
    return found


def shared(one: str, other: str) -> float:
    """F1 of the words of two phrases."""
    a, b = ({*phrase.lower().split()} for phrase in (one, other))
    return 2 * len(a & b) / (len(a) + len(b))


def articles(path: Path) -> Iterator[tuple[dict[str, Any] | None, str | None]]:
    """For each article its main strike, and the target that is found."""
    for line in label_lines(path):
        if not isinstance(line, BadLine) and "strikes" in line.fields:
            fields = line.fields
            found = find_target(segment(fields["text"], fields.get("title") or None))
            yield next((s for s in fields["strikes"] if s.get("main")), None), found.text if found else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", nargs="+", type=Path)
    table = Table("labels", "with a strike", "found", "attacker right", "F1 of the words", "without one, yet found")
    for path in parser.parse_args().labels:
        pairs = list(articles(path))
        strikes = [(main, found) for main, found in pairs if main]
        none = [found for main, found in pairs if not main]
        attackers = [
            bool(wanted & named(re.split(" (?:on|in|against) ", found)[0]))
            for main, found in strikes
            if found and (wanted := named(main.get("attacker") or ""))
        ]
        words = [shared(main["description"], found) if found else 0.0 for main, found in strikes]
        table.add_row(
            path.name,
            str(len(strikes)),
            str(sum(found is not None for _, found in strikes)),
            f"{sum(attackers)} of {len(attackers)}",
            f"{sum(words) / max(1, len(words)):.3f}",
            f"{sum(found is not None for found in none)} of {len(none)}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
