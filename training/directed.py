"""The public benchmark "Who Blames or Endorses Whom" (DSE; Park, Pan, Joo 2021), with the scorer's own recipe.

    python -m quotestance.training.directed TRAIN VALID TEST -o DIR

A row is a sentence with two marked actors, p and q, and one of five labels: neither has a sentiment toward the other,
p has a positive or negative one toward q, or q toward p. The scorer is asked twice, for p's stance toward q and for q's
toward p, and the two answers are put together. Sentences that also occur in the validation or test file are left out of
training: the files were split by pair, and a network that knows a validation sentence cannot be judged by it.

`--as-published` trains on all of the training file as it comes, as the published figures presumably were made: of the
test rows' sentences, a quarter then was seen in training, nearly all with the same two actors and label.

`--renamed N` adds N copies of the training sentences with other training sentences' actors in the places of p and q.
"""

import argparse
import json
import random
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quotestance.model.scorer import Scorer, ScorerConfig
from quotestance.model.settings import Settings
from quotestance.model.types import STANCES, Span, StanceLabel
from quotestance.training.base import MINILM, load_base
from quotestance.training.calibrate import labelled_logits
from quotestance.training.calibration import softmax
from quotestance.training.examples import AS_GIVEN
from quotestance.training.labels import LabelledStatement
from quotestance.training.metrics import f1
from quotestance.training.save import save_component
from quotestance.training.text_files import open_text
from quotestance.training.train_scorer import ScorerTraining, train_scorer

_CLASSES = 5
_NOT_A_LETTER = re.compile(r"[\W_]+")
# what p's stance toward q and q's toward p are under each of the five labels
_PAIRS: tuple[tuple[StanceLabel, StanceLabel], ...] = (
    ("neutral", "neutral"),
    ("supportive", "neutral"),
    ("neutral", "supportive"),
    ("condemning", "neutral"),
    ("neutral", "condemning"),
)


@dataclass(frozen=True, slots=True)
class DirectedSentence:
    """One row: the sentence without its marks, where p and q stand in it, and its label, 0 … 4."""

    text: str
    p: Span
    q: Span
    label: int
    in_test: bool  # a training sentence that also occurs, with other marks, in the test file


def read_directed(path: Path) -> list[DirectedSentence]:
    """Raises ValueError, with the line, when a row does not have the two marks that it names."""
    rows = []
    with open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            row = json.loads(line)
            try:
                rows.append(_sentence(row))
            except ValueError as error:
                raise ValueError(f"{path}:{number}: {error}") from error
    return rows


def _sentence(row: dict[str, object]) -> DirectedSentence:
    marked = str(row["text"])
    text, spans, start = "", [], 0
    for character in marked:
        if character == "[":
            start = len(text)
        elif character == "]":
            spans.append(Span(start, len(text)))
        else:
            text += character
    p = next((s for s in spans if _same(s.of(text), row["p"])), None)
    q = next((s for s in spans if _same(s.of(text), row["q"]) and s != p), None)
    if p is None or q is None:
        raise ValueError("p and q are not both marked in the text")
    return DirectedSentence(text, p, q, int(str(row["label"])), bool(row.get("in_test")))


def _same(marked: str, named: object) -> bool:
    # the file's names differ from its marks in quote marks and blanks
    return _NOT_A_LETTER.sub("", marked) == _NOT_A_LETTER.sub("", str(named))


def statements_of_sentence(sentence: DirectedSentence, doc_id: str) -> tuple[LabelledStatement, LabelledStatement]:
    """Two questions to the scorer: p's stance toward q, and q's toward p; the one asked about stands in brackets."""
    first, second = _PAIRS[sentence.label]
    return (
        _statement(sentence.text, sentence.p, sentence.q, first, doc_id),
        _statement(sentence.text, sentence.q, sentence.p, second, doc_id),
    )


def _statement(text: str, holder: Span, target: Span, stance: StanceLabel, doc_id: str) -> LabelledStatement:
    marked = f"{text[: target.start]}[{target.of(text)}]{text[target.end :]}"
    moved = 2 if holder.start >= target.end else 0
    speaker = Span(holder.start + moved, holder.end + moved)
    return LabelledStatement(
        doc_id, marked, Span(0, len(marked)), speaker, None, None, holder.of(text), None, target.of(text), stance
    )


def with_other_names(sentence: DirectedSentence, p: str, q: str) -> DirectedSentence:
    """The sentence with other names in the places of its two actors, wherever these stand in it."""
    old = {sentence.p.of(sentence.text): p, sentence.q.of(sentence.text): q}
    found = re.compile("|".join(map(re.escape, sorted(old, key=len, reverse=True))))
    pieces, at, spans = [], 0, {}
    length = 0
    for match in found.finditer(sentence.text):
        new = old[match[0]]
        pieces += [sentence.text[at : match.start()], new]
        length += match.start() - at + len(new)
        spans[match.start()] = Span(length - len(new), length)
        at = match.end()
    pieces.append(sentence.text[at:])
    if sentence.p.start not in spans or sentence.q.start not in spans:
        return sentence  # one name within the other
    return replace(sentence, text="".join(pieces), p=spans[sentence.p.start], q=spans[sentence.q.start])


def _copies(sentences: Sequence[DirectedSentence], number: int, seed: int) -> list[DirectedSentence]:
    rng = random.Random(seed)
    names = [span.of(s.text) for s in sentences for span in (s.p, s.q)]
    return [with_other_names(s, *rng.sample(names, 2)) for _ in range(number) for s in sentences]


def joint(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log probabilities of the five labels, (n, 5), from the two answers' probabilities, each (n, 3)."""
    columns = [
        np.log(first[:, STANCES.index(a)] + 1e-12) + np.log(second[:, STANCES.index(b)] + 1e-12) for a, b in _PAIRS
    ]
    return np.stack(columns, axis=1)


def scores(scorer: Scorer, sentences: Sequence[DirectedSentence]) -> NDArray[np.float64]:
    """Log probabilities of the five labels, (n, 5)."""
    pairs = [statements_of_sentence(s, str(i)) for i, s in enumerate(sentences)]
    first, second = (softmax(labelled_logits(scorer, side)[0]) for side in zip(*pairs, strict=True))
    return joint(first, second)


def best_bias(log_probabilities: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """What to take off label 0 so that micro plus macro F1 on validation rows is best."""
    grid = [round(float(b), 2) for b in np.linspace(-1.0, 3.0, 41)]
    return max(grid, key=lambda b: sum(directed_f1(_calls(log_probabilities, b), truth)))


def _calls(log_probabilities: NDArray[np.float64], bias: float) -> NDArray[np.int64]:
    calls: NDArray[np.int64] = (log_probabilities - bias * (np.arange(_CLASSES) == 0)).argmax(axis=1)
    return calls


def directed_f1(calls: NDArray[np.int64], truth: NDArray[np.int64]) -> tuple[float, float]:
    """Micro and macro F1 over the five labels."""
    return float((calls == truth).mean()), float(np.mean([f1(truth, calls, k) for k in range(_CLASSES)]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("valid", type=Path)
    parser.add_argument("test", type=Path, nargs="?")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--base", default=MINILM)
    parser.add_argument("--epochs", type=int, default=ScorerTraining().epochs)
    parser.add_argument("--rate", type=float, default=ScorerTraining().rate)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--as-published", action="store_true")
    parser.add_argument("--renamed", type=int, default=0, metavar="N")
    parser.add_argument("--trained", action="store_true", help="DIR holds a trained model: only measure it")
    args = parser.parse_args()
    config = ScorerConfig()
    if not args.trained:
        base = load_base(args.base)
        elsewhere = {s.text for s in read_directed(args.valid)}
        training = read_directed(args.train)
        if not args.as_published:
            training = [s for s in training if not s.in_test and s.text not in elsewhere]
        training += _copies(training, args.renamed, args.seed)
        rows = [r for i, s in enumerate(training) for r in statements_of_sentence(s, str(i))]
        settings = replace(ScorerTraining(), epochs=args.epochs, rate=args.rate, seed=args.seed, variation=AS_GIVEN)
        network = train_scorer(rows, base, settings, config, args.out / "checkpoints")
        save_component(args.out, "scorer", network, base, config, [args.train], asdict(settings))
    scorer = Scorer.load(args.out / "scorer", Settings())
    valid = read_directed(args.valid)
    of_valid, truth = scores(scorer, valid), np.array([s.label for s in valid])
    bias = best_bias(of_valid, truth)
    figures = {"valid": _figures(of_valid, truth, bias), "bias": bias}
    if args.test is not None:
        test = read_directed(args.test)
        of_test, truth = scores(scorer, test), np.array([s.label for s in test])
        seen = {s.text for s in read_directed(args.train)}
        alone = np.array([s.text not in seen for s in test])
        figures["test"] = _figures(of_test, truth, bias)
        figures["test, sentences that are not in train"] = _figures(of_test[alone], truth[alone], bias)
    print(json.dumps(figures, indent=2))


def _figures(log_probabilities: NDArray[np.float64], truth: NDArray[np.int64], bias: float) -> dict[str, object]:
    micro, macro = directed_f1(_calls(log_probabilities, bias), truth)
    return {"sentences": len(truth), "micro_f1": round(micro, 4), "macro_f1": round(macro, 4)}


if __name__ == "__main__":
    main()
