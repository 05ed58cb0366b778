"""The tables of a scored archive, as Parquet: one of statements, one of articles with their actors.

Columns are the JSON object's fields. `article_id` of a statement is `id` of its article; `index` counts an article's
statements from 0; offsets are in characters of the article's text. Scores, probabilities and stances are null where
the article has no target; `stances` holds one entry for each target, in the order of `targets`, whose first are the
plain columns.
"""

from typing import Final

import pyarrow as pa

_TARGET: Final = pa.struct([("text", pa.string()), ("source", pa.string())])

_STANCE_FIELDS: Final = [
    ("stance", pa.string()),
    ("p_supportive", pa.float64()),
    ("p_neutral", pa.float64()),
    ("p_condemning", pa.float64()),
    ("score", pa.float64()),
    ("confidence", pa.float64()),
    ("abstained", pa.bool_()),
]
_STANCES: Final = pa.list_(pa.struct([("target", pa.string()), *_STANCE_FIELDS]))

STATEMENTS: Final = pa.schema(
    [
        ("article_id", pa.string()),
        ("index", pa.int32()),
        ("quote", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("speaker", pa.string()),
        ("speaker_start", pa.int32()),
        ("speaker_end", pa.int32()),
        ("cue", pa.string()),
        ("cue_start", pa.int32()),
        ("cue_end", pa.int32()),
        ("kind", pa.string()),
        ("actor", pa.string()),
        ("actor_type", pa.string()),
        ("resolved", pa.bool_()),
        *_STANCE_FIELDS,
        ("stances", _STANCES),
    ]
)

_ACTOR: Final = pa.struct(
    [
        ("actor", pa.string()),
        ("actor_type", pa.string()),
        *_STANCE_FIELDS,
        ("statements", pa.list_(pa.int32())),
        ("stances", _STANCES),
    ]
)

ARTICLES: Final = pa.schema(
    [
        ("id", pa.string()),
        ("title", pa.string()),
        ("date", pa.string()),
        ("source", pa.string()),
        ("url", pa.string()),
        ("target", _TARGET),
        ("targets", pa.list_(_TARGET)),
        ("actors", pa.list_(_ACTOR)),
        ("statement_count", pa.int32()),
        ("language", pa.string()),
        ("scored", pa.bool_()),  # false where the language is not English: listed, not scored
        ("truncated", pa.bool_()),
        ("model", pa.string()),
    ]
)
