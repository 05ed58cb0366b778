"""Train the reader that ships: three runs from one base, and their mean.

    python -m quotestance.training.reader_recipe --polnear POLNEAR --labels TRAIN --written PASSAGES -o DIR

The three runs took five minutes side by side on one NVIDIA H100; on a CPU of two cores count on half a day. Go on after
an interruption with the same command: runs that are done are kept, the one that was cut off resumes.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from quotestance.model.components import MANIFEST
from quotestance.model.tagger import TaggerConfig
from quotestance.training.attribution_data import from_labels, read_polnear
from quotestance.training.base import MINILM, load_base
from quotestance.training.labels import read_labels
from quotestance.training.own_data import PASSAGES
from quotestance.training.save import save_component
from quotestance.training.soup import soup
from quotestance.training.train_reader import ReaderTraining, train_reader


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the recipe; `written` says whether our own passages are among its labels."""

    name: str
    settings: ReaderTraining
    written: bool


_QUICK = ReaderTraining(epochs=10)
RUNS = (
    Run("a", _QUICK, written=True),
    Run("b", replace(_QUICK, rate=3e-4, head_rate=6e-4, batch_windows=16, batch_tokens=4_800), written=True),
    Run("c", ReaderTraining(epochs=20), written=False),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--polnear", type=Path, required=True)
    parser.add_argument("--labels", nargs="+", type=Path, required=True)
    parser.add_argument("--written", type=Path, default=PASSAGES)
    parser.add_argument("--base", default=MINILM)
    parser.add_argument("-o", "--out", type=Path, required=True)
    args = parser.parse_args()
    for run in RUNS:
        if not (args.out / run.name / "reader" / MANIFEST).exists():
            labels = [*args.labels, args.written] if run.written else args.labels
            _train(run, args.polnear, labels, args.base, args.out / run.name)
    soup([args.out / run.name for run in RUNS], args.out, "reader")


def _train(run: Run, polnear: Path, labels: Sequence[Path], base_name: str, out: Path) -> None:
    base, config = load_base(base_name, kind="reader"), TaggerConfig()
    articles = [*read_polnear(polnear), *from_labels(read_labels(labels).articles)]
    network = train_reader(articles, base, run.settings, config, out / "checkpoints", resume=True)
    save_component(out, "reader", network, base, config, [polnear, *labels], asdict(run.settings))


if __name__ == "__main__":
    main()
