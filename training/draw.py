"""Draw a training mix from label files, the same for the same seed.

    python -m quotestance.training.draw FILE FILE:COUNT FILE@PREFIX:COUNT … -o MIX.jsonl [--seed N]

FILE alone takes every article or passage; COUNT as many, drawn at random; PREFIX only those whose `doc_id` starts so.
MIX.jsonl.sources.json names the files, for the manifests of what is trained on the mix.
"""

import argparse
import json
import random
from pathlib import Path

from quotestance.training.save import write_sources
from quotestance.training.text_files import open_text


def draw(spec: str, rng: random.Random) -> list[str]:
    """The lines that one FILE[@PREFIX][:COUNT] stands for. Raises ValueError when it asks for more than there is."""
    name, prefix, count = _parted(spec)
    with open_text(Path(name)) as file:
        lines = [line for line in file if line.strip() and str(json.loads(line).get("doc_id") or "").startswith(prefix)]
    if not count:
        return lines
    if int(count) > len(lines):
        raise ValueError(f"{spec}: there are only {len(lines)}")
    return rng.sample(lines, int(count))


def _parted(spec: str) -> tuple[str, str, str]:
    """Its file, prefix and count; the last two empty where it has none."""
    place, _, count = spec.partition(":")
    name, _, prefix = place.partition("@")
    return name, prefix, count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE[@PREFIX][:COUNT]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--out", type=Path, required=True)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    lines = [line for spec in args.files for line in draw(spec, rng)]
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text("".join(line if line.endswith("\n") else line + "\n" for line in lines), encoding="utf-8")
    write_sources(args.out, [Path(_parted(spec)[0]) for spec in args.files])
    print(f"{len(lines)} articles and passages in {args.out}")


if __name__ == "__main__":
    main()
