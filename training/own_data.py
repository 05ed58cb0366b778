"""The labelled passages that ship with the package: written for this project, no real quotes, invented people."""

from pathlib import Path

_DATA = Path(__file__).parent / "data"

PASSAGES = _DATA / "passages.jsonl.gz"
CONTRAST_TRAIN = _DATA / "contrast-train.jsonl.gz"
EXAMPLE = _DATA / "example-corrections.jsonl"  # an invented war, for training/EXAMPLE.md; no shipped model saw it
NEW_CONFLICT = _DATA / "delta-war.jsonl.gz"  # an invented war whose press has words of its own; no shipped model saw it
CONTRAST_TEST = _DATA / "contrast-test.jsonl"  # pairs of passages that differ in a few words; never trained on
HARD_SETS = _DATA / "hard-sets.jsonl.gz"  # sets of such passages, harder ones
CONTRAST_PAIRS = _DATA / "contrast-pairs.jsonl.gz"  # short pairs, few with a word that gives the stance away
HELD_OUT_PAIRS = _DATA / "held-out-pairs.jsonl.gz"  # a twentieth of these, never trained on


def set_of(doc_id: str) -> str:
    """The set of a passage: members of a contrast set share their `doc_id` but for a last letter after a digit."""
    return doc_id[:-1] if doc_id[-1:].isalpha() and doc_id[-2:-1].isdigit() else doc_id
