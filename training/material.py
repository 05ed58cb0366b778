"""What a model is retrained on: labels read, split by event, and passages of our own replayed among them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from quotestance.model.errors import LabelError
from quotestance.training.labels import LabelledArticle, LabelProblem, read_labels, statements_of, whole
from quotestance.training.replay import own_articles, replayed
from quotestance.training.splits import three_ways
from quotestance.training.train_options import TEST, VALIDATION, TrainOptions
from quotestance.training.training_record import text_key

Parted = Literal["event", "article", "file"]
LEAST = 10  # articles (or rows): with fewer there is nothing to calibrate and measure on


@dataclass(frozen=True, slots=True)
class Files:
    """The label files of a run; `validation` and `test` are empty where they are to be split off `labels`."""

    labels: tuple[Path, ...]
    validation: tuple[Path, ...] = ()
    test: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """The parts; `replay` is trained on beside `training`. `notes` are for the user to know.

    `parted` says what the held-out articles were set apart by.
    """

    training: tuple[LabelledArticle, ...]
    validation: tuple[LabelledArticle, ...]
    test: tuple[LabelledArticle, ...]
    replay: tuple[LabelledArticle, ...]
    problems: tuple[LabelProblem, ...]
    notes: tuple[str, ...]
    parted: Parted


def material(
    files: Files,
    options: TrainOptions,
    own: Callable[[], Sequence[Sequence[LabelledArticle]]] = own_articles,
    known: Collection[str] = frozenset(),
    validated: Collection[str] = frozenset(),
) -> Material:
    """Read and split; the order of the files and of their lines does not matter.

    An article that is in `test` or `validation` files too is left out of training. `known` are the keys of texts that
    the model before was trained on: none of them is held out, but `validation` files may hold those that it was only
    `validated` with. Raises LabelError when there is too little to train on, or the labels are not of the kind that the
    part needs.
    """
    labels = read_labels(sorted(files.labels))
    given = {name: read_labels(sorted(paths)) for name, paths in (("t", files.test), ("v", files.validation)) if paths}
    apart = {a.text for part in given.values() for a in part.articles}
    articles = [a for a in labels.articles if a.text not in apart]
    notes = []
    if len(articles) < len(labels.articles):
        notes.append(f"{len(labels.articles) - len(articles)} articles stand in the held-out files too: not trained on")
    if len(articles) < LEAST:
        raise LabelError(f"{len(articles)} usable articles or rows; at least {LEAST} are needed to train")
    learnt = {"t": set(known), "v": set(known) - set(validated)}
    try:
        shares = (0 if files.validation else VALIDATION, 0 if files.test else TEST)
        split = three_ways(
            articles, *shares, options.seed, {a.text for a in articles if text_key(a.text) in learnt["t"]}
        )
    except ValueError as error:
        raise LabelError(str(error)) from error
    if split.by_article:
        notes.append(
            "most articles are on one event, or on events that the model before knows: these are split by article, and "
            "so far the figures are those on a known event"
        )
    held_apart = {n: tuple(a for a in g.articles if text_key(a.text) not in learnt[n]) for n, g in given.items()}
    if left_out := sum(len(given[name].articles) - len(part) for name, part in held_apart.items()):
        notes.append(f"{left_out} articles of the held-out files were left out: the model before was trained on them")
    test = held_apart.get("t", split.test)
    in_test = {a.text for a in test}
    validation = tuple(a for a in held_apart.get("v", split.validation) if a.text not in in_test)
    training = _ordered(split.training)
    problems = (*labels.problems, *(p for part in given.values() for p in part.problems))
    count = len(statements_of(training))
    held = {a.text for a in (*training, *validation, *test)}
    replay = replayed(own(), count, options.replay, options.seed, held) if options.replay else []
    for name, part in (("train on", training), ("validate on", validation), ("test on", test)):
        if not statements_of(part):
            raise LabelError(f"no labelled statements left to {name}")
    if "reader" in options.kinds and not (whole(training) and whole(test)):
        raise LabelError(
            "these labels hold too few whole articles with spans to train a reader (--part scorer does not)"
        )
    parted: Parted = "article" if split.by_article else "file" if given else "event"
    return Material(training, _ordered(validation), _ordered(test), tuple(replay), problems, tuple(notes), parted)


def _ordered(articles: Sequence[LabelledArticle]) -> tuple[LabelledArticle, ...]:
    return tuple(sorted(articles, key=lambda a: (a.date, a.doc_id, a.text, [s.quote for s in a.statements])))
