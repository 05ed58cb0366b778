"""The tables as the code uses them; `migrations/` makes them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from quotestance.service.feedback.columns import AnyText, UtcTime

_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only what is exactly INTEGER

METADATA = MetaData()

# each text once, however many of its statements are corrected
ARTICLES = Table(
    "feedback_articles",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("text", AnyText, nullable=False),
    UniqueConstraint("digest", name="feedback_articles_digest"),
)

# one row for each correction, never changed: of those with the same `statement`, the highest `version` is in force
CORRECTIONS = Table(
    "feedback_corrections",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("id", String(32), nullable=False),
    Column("article", _NUMBER, ForeignKey("feedback_articles.number", name="feedback_corrections_of"), nullable=False),
    Column("statement", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", String(64), nullable=False),
    Column("received", UtcTime, nullable=False),
    Column("model", AnyText, nullable=False),
    Column("is_statement", Boolean, nullable=False),
    Column("target", AnyText, nullable=False),
    Column("actor", AnyText),
    Column("stance", String(16)),
    Column("quote_start", Integer),
    Column("quote_end", Integer),
    Column("speaker", AnyText),
    Column("speaker_start", Integer),
    Column("speaker_end", Integer),
    Column("cue", AnyText),
    Column("cue_start", Integer),
    Column("cue_end", Integer),
    Column("kind", String(16)),
    Column("actor_type", String(16)),
    Column("about", AnyText),
    Column("certainty", Integer),
    Column("article_id", AnyText),
    Column("title", AnyText),
    Column("date", AnyText),
    Column("source", AnyText),
    Column("url", AnyText),
    Column("predicted_actor", AnyText),
    Column("predicted_stance", String(16)),
    Column("predicted_confidence", Float),
    Column("comment", AnyText),
    UniqueConstraint("id", name="feedback_corrections_id"),
    UniqueConstraint("statement", "version", name="feedback_corrections_version"),
    Index("feedback_corrections_article", "article"),
)
