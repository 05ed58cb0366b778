"""Speakers named together speak one by one: "Russia and Iran said" is a statement of Russia and one of Iran."""

from collections.abc import Sequence
from dataclasses import replace

from quotestance.model.document import Document
from quotestance.model.mentions import find_mentions
from quotestance.model.speakers import read_speaker
from quotestance.model.tokens import PREPOSITIONS
from quotestance.model.types import Attribution, Span


def one_speaker_each(document: Document, attributions: Sequence[Attribution]) -> list[Attribution]:
    """The attributions, those of several named speakers once for each of them."""
    text = document.text
    if not any(_several(text, a.speaker) for a in attributions):
        return list(attributions)
    mentions = find_mentions(document)
    starts = [m.span.start for m in mentions]
    result: list[Attribution] = []
    for attribution in attributions:
        speaker = attribution.speaker
        names: list[Span] = []
        if speaker is not None and _several(text, speaker):
            joint = read_speaker(text, speaker, mentions, starts).joint
            names = [mentions[i].span for i in joint]
            # "allies from Asia and Europe" are the allies
            if names and _governed(text[speaker.start : names[0].start]):
                names = []
        result += [replace(attribution, speaker=name) for name in names] or [attribution]
    return result


def _several(text: str, speaker: Span | None) -> bool:
    return speaker is not None and (" and " in speaker.of(text) or " & " in speaker.of(text))


def _governed(before: str) -> bool:
    return any(word in PREPOSITIONS for word in before.lower().split())
