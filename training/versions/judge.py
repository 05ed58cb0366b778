"""May a model go into service in place of another? Compared on labels, and on pairs that no model was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from quotestance.model.errors import InputError
from quotestance.training.before_after import CHANCE
from quotestance.training.comparison.command import seen_together
from quotestance.training.comparison.common_articles import CommonArticles, common_articles, only
from quotestance.training.comparison.compare import Comparison, chance_alone, compare
from quotestance.training.comparison.paired import Difference, difference
from quotestance.training.comparison.sides import Side, same_scorer
from quotestance.training.evaluate_scorer import score_labels
from quotestance.training.labels import read_labels
from quotestance.training.own_data import CONTRAST_TEST, set_of
from quotestance.training.training_record import RECORD, label_file, read_record


@dataclass(frozen=True, slots=True)
class Decision:
    """`refusal` is None where the model may go into service; `notes` are worth knowing all the same."""

    verdict: str | None
    in_words: str
    refusal: str | None
    notes: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


def judge(old: Side, new: Side, folder: Path, labels: Sequence[Path], margin: float) -> Decision:
    """Compare on `labels`, or where none are given on the test labels that `folder`'s record names.

    Refused are: `worse`; `can't tell` with figures below the old model's, or without any; probabilities that are worse
    for sure (Brier score); a model that forgot, one that is worse for sure on the contrast pairs that ship; and one
    whose agreement with these labels, or with the held-out part of those that it learnt from, cannot be told from
    chance. Raises InputError when there are no labels to compare on.
    """
    tested = common_articles(labels, seen_together((old, new))) if labels else recorded(folder, (old, new))
    comparison = compare(old, new, tested, margin, timed=False)
    kept = _kept(old, new)
    hashes = tuple((path.name, label_file(path).sha256) for path in tested.files)
    # what the labels say of a scorer that stays says nothing against a new reader
    chance = None if same_scorer(old.model, new.model) else chance_alone(comparison.figures)
    refusal = _refusal(comparison, kept) or chance or _learnt_nothing(folder)
    notes = []
    if labels and tested.problems:
        notes.append(f"{len(tested.problems)} labels were refused and left out; first: {tested.problems[0]}")
    if comparison.verdict == "can't tell":
        notes.append("these labels are too few to tell; its figures are no lower on them, so it may go in")
    if comparison.figures["worse_on"]:
        notes.append(f"worse on {' and '.join(comparison.figures['worse_on'])} statements, whatever the average")
    return Decision(comparison.verdict, comparison.figures["in_words"], refusal, tuple(notes), hashes)


def recorded(folder: Path, sides: Sequence[Side]) -> CommonArticles:
    """The held-out articles that a retrained model's record names, from the label files as they were.

    Raises InputError when there is no record, a file is not there or not the same any more, or no article is left.
    """
    record = read_record(folder)
    if record is None or not record.test.files:
        raise InputError(f"{folder}: has no {RECORD} that names test labels; name some with --labels")
    paths = []
    for file in record.test.files:
        path = Path(file.path)
        if not path.is_file() or label_file(path).sha256 != file.sha256:
            state = "changed since" if path.is_file() else "not there"
            raise InputError(f"{path}: test labels of {folder}, {state}; name labels to compare on with --labels")
        paths.append(path)
    tested = only(common_articles(paths, seen_together(sides)), record.test.texts)
    if not tested.statements:
        raise InputError(
            f"{folder}: one of the models was trained on all its test articles; name others to compare on with --labels"
        )
    return tested


def _refusal(comparison: Comparison, kept: Difference | None) -> str | None:
    in_words = comparison.figures["in_words"]
    for verdict in comparison.verdicts.values():
        if verdict.name == "worse":
            return f"worse than the model in service: {in_words}"
        if verdict.name == "can't tell" and (verdict.reason or verdict.difference.value < 0):
            return f"not shown to be as good as the model in service: {in_words}"
    if comparison.figures["worse_probabilities"]:
        return f"its probabilities are worse than those of the model in service: {in_words}"
    if kept is not None and kept.high < 0:
        return (
            "it has forgotten what the model in service knows: on the contrast pairs that ship "
            f"{100 * kept.value:+.1f} points of macro-F1 (95 % interval {100 * kept.low:+.1f} to "
            f"{100 * kept.high:+.1f})"
        )
    return None


def _learnt_nothing(folder: Path) -> str | None:
    record = read_record(folder)
    chance = record.figures.get(CHANCE) if record else None
    return f"by the figures of its training {chance}" if chance else None


def _kept(old: Side, new: Side) -> Difference | None:
    if same_scorer(old.model, new.model):
        return None
    statements = read_labels([CONTRAST_TEST]).statements
    before, after = (score_labels(side.model.scorer, statements) for side in (old, new))
    return difference([set_of(s.doc_id) for s in statements], before.truth, before.calls, after.calls)
