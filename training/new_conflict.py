"""How many labels does a conflict need that a model has never seen? Learning curves, with and without our replay.

    python -m quotestance.training.new_conflict -o DIR [--general dev.jsonl]
        [--conflict PATTERN [--start-labels LABELS…] | --labels LABELS… [--start MODEL]]

Either the conflict is one of those in our passages, and a start model is trained without it; or `--labels` are its
articles, of which the start model, the shipped one or another, has seen none.

`--conflict` is a pattern (a regular expression without regard to case): the conflict's articles are those where a
strike's description or attacker has it. Every passage that has the pattern anywhere, text and title too, is kept from
the start model and from what is replayed later; so it has seen neither the conflict's articles nor its names. The
default is the war in Yemen; other patterns that hold enough are
`Libya|Tripoli|Benghazi`, `Gaza|Hamas` and `Sudan|Khartoum|Darfur`.

1. With `--conflict`, a start model is trained from `--base` on all other passages and contrast sets, and on those of
   `--start-labels` (real articles, say) that do not have the pattern, by a short schedule.
2. A third of the conflict's articles is held out. From the rest, whole articles are drawn until there are 25, 50, 100
   and 300 statements; the start model goes on with each draw as `quotestance train` does (no early stopping: nothing is
   set apart of so few).
3. Macro-F1 on the held-out articles, and on `--general` labels of other conflicts (or the contrast pairs that ship),
   with the mean and the range over the seeds. 0 statements is the start model.

Results are kept in DIR/curve.jsonl, a line a run; the same command goes on after an interruption.
"""

import argparse
import json
import random
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt
from rich.console import Console
from rich.table import Table

from quotestance.model.components import MANIFEST
from quotestance.model.pipeline import SHIPPED
from quotestance.model.scorer import Scorer, ScorerConfig
from quotestance.model.settings import Settings
from quotestance.training.base import MINILM, load_base
from quotestance.training.evaluate_scorer import score_labels
from quotestance.training.events import texts_of
from quotestance.training.label_lines import LabelLine, label_lines
from quotestance.training.labels import LabelledArticle, LabelledStatement, read_labels, statements_of
from quotestance.training.metrics import macro_f1
from quotestance.training.own_data import CONTRAST_TEST, CONTRAST_TRAIN, PASSAGES
from quotestance.training.replay import SHARE, replayed
from quotestance.training.save import save_component
from quotestance.training.train_options import TrainOptions, scorer_recipe
from quotestance.training.train_scorer import ScorerTraining, train_scorer

YEMEN = r"Houthi|Yemen|Sanaa|Hodeida|\bMarib\b|\bAden\b"
SIZES = (25, 50, 100, 300)
_START_EPOCHS = 4  # the shipped recipe takes ten and more; this start is for comparing, not for use
_HELD_OUT = 1 / 3


def conflict_ids(paths: Sequence[Path], pattern: str) -> tuple[set[str], set[str]]:
    """(`doc_id`s of the conflict's articles, those of all that mention it anywhere)."""
    found = re.compile(pattern, re.IGNORECASE)
    about, mentioning = set(), set()
    for path in paths:
        attackers = {
            str(line.fields.get("doc_id")): " ".join(str(s.get("attacker") or "") for s in line.fields["strikes"])
            for line in label_lines(path)
            if isinstance(line, LabelLine) and line.fields.get("strikes")
        }
        for article in read_labels([path]).articles:
            targets = dict.fromkeys(s.target for s in article.statements)
            strikes = " ".join([article.target or "", *targets, attackers.get(article.doc_id, "")])
            if found.search(strikes):
                about.add(article.doc_id)
            if found.search(f"{article.title} {article.text} {strikes}"):
                mentioning.add(article.doc_id)
    return about, mentioning


def _not_mentioning(paths: Sequence[Path], pattern: str) -> list[LabelledArticle]:
    _, mentioning = conflict_ids(paths, pattern)
    return [a for path in paths for a in read_labels([path]).articles if a.doc_id not in mentioning]


def drawn(articles: Sequence[LabelledArticle], statements: int, seed: int) -> list[LabelledArticle]:
    """Whole articles in an order that `seed` fixes, the last cut, so that there are exactly so many statements.

    A larger draw of the same seed holds the smaller one. Raises ValueError when there are not so many.
    """
    order = sorted(articles, key=lambda a: a.doc_id)
    random.Random(seed).shuffle(order)
    result: list[LabelledArticle] = []
    left = statements
    for article in order:
        if left <= 0:
            break
        result.append(replace(article, statements=article.statements[:left]))
        left -= len(result[-1].statements)
    if left > 0:
        raise ValueError(f"the conflict has {statements - left} statements to adapt with, not {statements}")
    return result


def train_start(articles: Sequence[LabelledArticle], base: str, epochs: int, out: Path) -> None:
    """The start model, in `out`; nothing is done where it is there already."""
    if (out / "scorer" / MANIFEST).exists():
        return
    start, settings = load_base(base), ScorerTraining(epochs=epochs)
    network = train_scorer(statements_of(articles), start, settings, ScorerConfig(), out / "checkpoints", resume=True)
    save_component(out, "scorer", network, start, ScorerConfig(), [PASSAGES, CONTRAST_TRAIN], asdict(settings))


def adapted(
    start: Path,
    articles: Sequence[LabelledArticle],
    own: Sequence[Sequence[LabelledArticle]],
    share: float,
    seed: int,
    out: Path,
    epochs: int | None = None,
) -> Scorer:
    """The start model after going on with `articles`, as `quotestance train` would."""
    base = load_base(start)
    new = statements_of(articles)
    replay = replayed(own, len(new), share, seed) if share else []
    settings = scorer_recipe(TrainOptions(seed=seed, epochs=epochs), continued=True)
    network = train_scorer([*new, *statements_of(replay)], base, settings, ScorerConfig(), out)
    return Scorer(network, base.tokenizer, ScorerConfig(), "", Settings(precision="float32"))


def measured(scorer: Scorer, statements: Sequence[LabelledStatement]) -> float:
    scored = score_labels(scorer, statements)
    return macro_f1(scored.truth, scored.calls)


def held_out(conflict: Sequence[LabelledArticle]) -> tuple[list[LabelledArticle], list[LabelledArticle]]:
    """(the third that is held out, the rest to draw from): all rows of one text, or of one `doc_id`, on one side."""
    groups = texts_of(sorted(conflict, key=lambda a: a.doc_id))
    random.Random(0).shuffle(groups)
    count = round(_HELD_OUT * len(groups))
    return [a for group in groups[:count] for a in group], [a for group in groups[count:] for a in group]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--conflict", metavar="PATTERN", help=f"default: {YEMEN}")
    parser.add_argument("--labels", nargs="+", type=Path, help="a conflict that the start model has not seen")
    parser.add_argument("--start", type=Path, metavar="MODEL", help="with --labels; default: the shipped model")
    parser.add_argument("--general", nargs="+", type=Path, default=[CONTRAST_TEST], metavar="LABELS")
    parser.add_argument("--base", default=MINILM)
    parser.add_argument("--start-labels", nargs="+", type=Path, default=[], metavar="LABELS")
    parser.add_argument("--start-epochs", type=int, default=_START_EPOCHS)
    parser.add_argument("--epochs", type=int, help="of each adaptation; the recipe of `quotestance train` else")
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--shares", nargs="+", type=float, default=[SHARE, 0.0], help="of replay")
    parser.add_argument("--most", type=int, help="articles of each of our files, for a try")
    args = parser.parse_args(arguments)
    if args.labels and (args.conflict or args.start_labels):
        parser.error("--labels goes with --start, not with --conflict or --start-labels")
    if args.start and not args.labels:
        parser.error("--start goes with --labels")
    pattern = args.conflict or YEMEN
    paths = [PASSAGES, CONTRAST_TRAIN]
    files = [list(read_labels([path]).articles[: args.most]) for path in paths]
    if args.labels:
        conflict, start = list(read_labels(args.labels).articles), args.start or SHIPPED
        texts = {a.text for a in conflict}
        own = [[a for a in articles if a.text not in texts] for articles in files]
    else:
        about, mentioning = conflict_ids(paths, pattern)
        conflict = [a for a in files[0] if a.doc_id in about]
        own = [[a for a in articles if a.doc_id not in mentioning] for articles in files]
        start = args.out / "start"
    held, pool = held_out(conflict)
    held_statements = statements_of(held)
    try:
        drawn(pool, max(args.sizes), 0)
    except ValueError as error:
        parser.error(f"{error}; see --sizes")
    print(f"{len(conflict)} articles on the conflict, {len(held)} held out with {len(held_statements)} statements")
    _same_run(args.out, {k: str(v) for k, v in vars(args).items() if k not in ("out", "sizes", "seeds", "shares")})
    if not args.labels:
        more = _not_mentioning(args.start_labels, pattern)
        train_start([*more, *(a for part in own for a in part)], args.base, args.start_epochs, start)
    general = list(read_labels(args.general).statements)
    log = args.out / "curve.jsonl"
    rows: list[dict[str, Any]] = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    begin = Scorer.load(start / "scorer", Settings(precision="float32"))
    zero = {"conflict": measured(begin, held_statements), "general": measured(begin, general)}
    for share in args.shares:
        for seed in args.seeds:
            for size in args.sizes:
                key = {"share": share, "seed": seed, "statements": size}
                if any(key.items() <= row.items() for row in rows):
                    continue
                draw = drawn(pool, size, seed)
                scratch = args.out / "checkpoints"
                scorer = adapted(start, draw, own, share, seed, scratch, args.epochs)
                row = {**key, "conflict": measured(scorer, held_statements), "general": measured(scorer, general)}
                rows.append(row)
                with log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
    show(zero, rows)
    draw_curves(zero, rows, args.out / "curve.png")


def _same_run(out: Path, settings: dict[str, str]) -> None:
    """Keep what the rows in `out` were measured with. Ends the program where they were with something else."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / "settings.json"
    if path.exists() and (kept := json.loads(path.read_text(encoding="utf-8"))) != settings:
        other = ", ".join(sorted(name for name in settings if kept.get(name) != settings[name]))
        raise SystemExit(f"{out} holds runs with another {other}: choose another -o")
    path.write_text(json.dumps(settings, indent=1), encoding="utf-8")


def show(zero: dict[str, float], rows: Sequence[dict[str, Any]]) -> None:
    """A table: mean over the seeds, with the lowest and highest."""
    table = Table("replay", "statements", "held-out articles of the conflict", "general labels")
    table.add_row("", "0", f"{zero['conflict']:.3f}", f"{zero['general']:.3f}")
    for share, size in sorted({(r["share"], r["statements"]) for r in rows}):
        cells = []
        for name in ("conflict", "general"):
            values = [r[name] for r in rows if (r["share"], r["statements"]) == (share, size)]
            cells.append(f"{np.mean(values):.3f} ({min(values):.3f}–{max(values):.3f})")
        table.add_row(f"{share:.0%}", str(size), *cells)
    Console().print(table)


def draw_curves(zero: dict[str, float], rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Two panels, the conflict and the general labels; a line a share of replay, a band from lowest to highest."""
    figure, axes = plt.subplots(1, 2, figsize=(11, 4), sharey=True)
    titles = ("held-out articles of the conflict", "general labels")
    for panel, name, title in zip(axes, ("conflict", "general"), titles, strict=True):
        for share in sorted({r["share"] for r in rows}):
            sizes = sorted({r["statements"] for r in rows if r["share"] == share})
            values = [[r[name] for r in rows if (r["share"], r["statements"]) == (share, size)] for size in sizes]
            panel.plot(
                [0, *sizes], [zero[name], *(np.mean(v) for v in values)], marker="o", label=f"replay {share:.0%}"
            )
            panel.fill_between([0, *sizes], [zero[name], *map(min, values)], [zero[name], *map(max, values)], alpha=0.2)
        panel.set(title=title, xlabel="statements of the new conflict trained on")
    axes[0].set_ylabel("macro-F1")
    axes[0].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    main()
