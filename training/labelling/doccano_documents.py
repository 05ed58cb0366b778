"""Lines of label files as documents for doccano, sequence labelling with relations.

doccano knows spans with one label each and relations. So a quote's label is its stance, and a relation leads from it
to its speaker and its cue. What doccano cannot show travels in the document's metadata, under `line`.
"""

from collections.abc import Mapping
from typing import Any

from quotestance.model.types import STANCES, Span
from quotestance.training.labelling.marked import as_article, marked_statement
from quotestance.training.labelling.offsets import Ruler, Unit

LINE, OFFSETS = "line", "offsets"
QUOTE, SPEAKER, CUE = "quote", "speaker", "cue"
SHOWN = ("stance",)
LABELS = (*STANCES, QUOTE, SPEAKER, CUE)


def document(row: Mapping[str, Any], unit: Unit = "utf-16") -> dict[str, Any]:
    """The document of one line that `article_of` accepts in full, with offsets in `unit`."""
    line = as_article(row)
    text = line["text"]
    ruler = Ruler(text, unit)
    entities: list[dict[str, Any]] = []
    relations: list[dict[str, Any]] = []
    parts: dict[tuple[str, Span], int] = {}

    def add(label: str, span: Span) -> int:
        start, end = ruler.to_tool(span)
        entities.append({"id": len(entities), "label": label, "start_offset": start, "end_offset": end})
        return len(entities) - 1

    for i, item in enumerate(line["statements"]):
        marked = marked_statement(item, text, i, SHOWN)
        quote = add(marked.attributes.get("stance", QUOTE), marked.quote)
        for label, span in ((SPEAKER, marked.speaker), (CUE, marked.cue)):
            if span is not None:
                if (label, span) not in parts:  # statements with one speaker share it
                    parts[label, span] = add(label, span)
                ends = {"from_id": quote, "to_id": parts[label, span]}
                relations.append({"id": len(relations), **ends, "type": label})
    return {
        "text": text,
        "entities": entities,
        "relations": relations,
        OFFSETS: unit,
        LINE: {**row, "text": None},
    }
