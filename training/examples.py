"""From labelled statements to what the scorer is trained on: passages, their stance, and how much each counts."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from quotestance.model.passages import Passage, PassageLimits, build_passage
from quotestance.model.types import STANCES
from quotestance.training.labels import LabelledStatement
from quotestance.training.renaming import renamed


@dataclass(frozen=True, slots=True)
class Variation:
    """How often a training passage is varied, so that the scorer bears what it will meet."""

    plain_target: float = 0.15  # the target is given as "the strikes": users' targets are vaguer than ours
    actor_as_written: float = 0.1  # the actor is the mention as written: the resolver abstained
    unmarked_speaker: float = 0.08  # rows of actor and quote alone come without a speaker's place
    foreign_target: float = 0.1  # the target is another article's, the stance neutral: the target must be read
    without_context: float = 0.3  # the quote and its speaker alone: no leaning on what others say before
    renamed: float = 0.0  # states and armed groups under other names: no leaning on who usually says what


AS_GIVEN = Variation(**{each.name: 0.0 for each in fields(Variation)})
CERTAINTY_WEIGHTS = {1: 0.4, 2: 0.8, 3: 1.0}
_NAME = re.compile(r"\b(?!(?:The|An)\b)[A-Z]\w+")
_PLAIN_TARGETS = ("the strikes", "the attack", "the military action", "strikes")


def passage_of(statement: LabelledStatement, limits: PassageLimits) -> Passage:
    """The statement as the scorer sees it."""
    return build_passage(statement.text, statement.quote, statement.speaker, statement.actor, statement.target, limits)


def varied_limits(limits: PassageLimits, variation: Variation, seed: str) -> PassageLimits:
    """`limits`, or at times no context before the quote; the same seed gives the same."""
    bare = random.Random(f"{seed}/limits").random() < variation.without_context
    return replace(limits, before=0) if bare else limits


def varied_names(passage: Passage, variation: Variation, seed: str) -> Passage:
    """The passage, or at times one with other names in it; the same seed gives the same."""
    rng = random.Random(f"{seed}/names")
    return renamed(passage, rng) if rng.random() < variation.renamed else passage


def varied(statement: LabelledStatement, targets: Sequence[str], variation: Variation, seed: str) -> LabelledStatement:
    """The statement with a vaguer or foreign target, or a less certain actor; the same seed gives the same.

    `targets` are those of all articles; a foreign one is named, by names that the statement's own text does not have.
    """
    rng = random.Random(seed)
    actor, target, speaker, stance = statement.actor, statement.target, statement.speaker, statement.stance
    about = statement.about
    if rng.random() < variation.plain_target:
        target = rng.choice(_PLAIN_TARGETS)
    if speaker is not None and rng.random() < variation.actor_as_written:
        actor = speaker.of(statement.text)
    if rng.random() < variation.unmarked_speaker:
        speaker = None
    if rng.random() < variation.foreign_target:
        foreign = rng.choice(targets)
        names = _NAME.findall(foreign)
        # "the strikes" may well be the statement's own
        if foreign != statement.target and names and not any(name in statement.text for name in names):
            target, stance, about = foreign, "neutral", "something else"
    return replace(statement, actor=actor, target=target, speaker=speaker, stance=stance, about=about)


def stance_index(statement: LabelledStatement) -> int:
    """The place of the statement's stance in `STANCES`."""
    return STANCES.index(statement.stance)


def weights_of(statements: Sequence[LabelledStatement]) -> list[float]:
    """How much each statement counts in the loss: less where the annotator was unsure."""
    return [CERTAINTY_WEIGHTS[s.certainty] for s in statements]


def balancing_weights(statements: Sequence[LabelledStatement], foreign_target: float = 0.0) -> dict[str, float]:
    """A weight for each stance, 1 on average, under which every one that occurs counts the same in all.

    Statements count by their certainty; `foreign_target` is the share that gets a foreign target and is neutral then.
    """
    sums = dict.fromkeys(STANCES, 0.0)
    for statement, weight in zip(statements, weights_of(statements), strict=True):
        moved = 0.0 if statement.stance == "neutral" else foreign_target * weight
        sums[statement.stance] += weight - moved
        sums["neutral"] += moved
    occurring = {stance: total for stance, total in sums.items() if total}
    mean = sum(occurring.values()) / max(1, len(occurring))
    return {stance: mean / total for stance, total in occurring.items()}
