"""A reading as the JSON object that files and the HTTP service give: floats to 4 digits, absent metadata left out."""

from collections.abc import Mapping
from typing import Any

from quotestance.model.types import ActorStance, Reading, Stance, Statement, Target

DIGITS = 4


def reading_json(reading: Reading) -> dict[str, Any]:
    """The scored article. With several targets, `targets` and every `stances` hold one entry for each, in order."""
    article = reading.article
    metadata = {key: getattr(article, key) for key in ("title", "date", "source", "url")}
    result: dict[str, Any] = {"id": article.id}
    result.update((key, value) for key, value in metadata.items() if value is not None)
    result["target"] = _target_json(reading.target) if reading.target else None
    if len(reading.targets) > 1:
        result["targets"] = [_target_json(target) for target in reading.targets]
    result["statements"] = [_statement_json(statement, reading.targets) for statement in reading.statements]
    result["actors"] = [_actor_json(actor, reading.targets) for actor in reading.actors]
    result["model"] = reading.model
    result["truncated"] = reading.truncated
    if reading.warnings:
        result["warnings"] = list(reading.warnings)
    return result


def row_json(row: Mapping[str, str], stance: Stance, version: str) -> dict[str, Any]:
    """A judged row; `tokens` is how many of them the scorer read, null where that is not known."""
    head = {key: row[key] for key in ("id", "actor", "target")}
    read = {"truncated": stance.truncated, "tokens": stance.tokens}
    return head | stance_json(stance) | read | {"model": version}


def stance_json(stance: Stance | None) -> dict[str, Any]:
    """The fields of one stance; all null where there is none. Score and confidence follow the rounded probabilities."""
    if stance is None:
        return dict.fromkeys(("stance", "probabilities", "score", "confidence", "abstained"))
    probabilities = _rounded(stance)
    return {
        "stance": stance.label,
        "probabilities": probabilities,
        "score": round(probabilities["supportive"] - probabilities["condemning"], DIGITS),
        "confidence": max(probabilities.values()),
        "abstained": stance.abstained,
    }


def _rounded(stance: Stance) -> dict[str, float]:
    rounded: dict[str, float] = {label: round(float(p), DIGITS) for label, p in stance.probabilities.items()}
    # what rounding took or added goes to the largest, where it matters least: the three still sum to 1
    largest = max(rounded, key=lambda label: rounded[label])
    lost = sum(stance.probabilities.values()) - sum(rounded.values())
    rounded[largest] = round(rounded[largest] + lost, DIGITS)
    return rounded


def _target_json(target: Target) -> dict[str, str]:
    return {"text": target.text, "source": target.source}


def _statement_json(statement: Statement, targets: tuple[Target, ...]) -> dict[str, Any]:
    speaker, cue, actor = statement.speaker_span, statement.cue_span, statement.actor
    result: dict[str, Any] = {
        "quote": statement.quote,
        "start": statement.span.start,
        "end": statement.span.end,
        "speaker": statement.speaker,
        "speaker_start": speaker.start if speaker else None,
        "speaker_end": speaker.end if speaker else None,
        "cue": statement.cue,
        "cue_start": cue.start if cue else None,
        "cue_end": cue.end if cue else None,
        "kind": statement.kind,
        "actor": actor.name if actor else None,
        "actor_type": actor.type if actor else None,
        "resolved": statement.resolved,
        **stance_json(statement.stance),
    }
    return result | _stances_json(statement.stances, targets)


def _actor_json(actor: ActorStance, targets: tuple[Target, ...]) -> dict[str, Any]:
    stance = stance_json(actor.stance)
    result: dict[str, Any] = {"actor": actor.actor.name, "actor_type": actor.actor.type}
    result |= {key: stance[key] for key in ("stance", "score", "confidence", "abstained")}
    result["statements"] = list(actor.statements)
    return result | _stances_json(actor.stances, targets)


def _stances_json(stances: tuple[Stance, ...], targets: tuple[Target, ...]) -> dict[str, Any]:
    if len(targets) < 2:
        return {}
    entries = zip(targets, stances, strict=True)
    return {"stances": [{"target": target.text, **stance_json(stance)} for target, stance in entries]}
