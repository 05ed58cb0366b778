"""The first tables: texts, and the corrections of their statements."""

import sqlalchemy as sa
from alembic import op

revision = "v1"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "feedback_articles",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.UniqueConstraint("digest", name="feedback_articles_digest"),
    )
    op.create_table(
        "feedback_corrections",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column(
            "article",
            _NUMBER,
            sa.ForeignKey("feedback_articles.number", name="feedback_corrections_of"),
            nullable=False,
        ),
        sa.Column("statement", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("is_statement", sa.Boolean, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("stance", sa.String(16)),
        sa.Column("quote_start", sa.Integer),
        sa.Column("quote_end", sa.Integer),
        sa.Column("speaker", sa.Text),
        sa.Column("speaker_start", sa.Integer),
        sa.Column("speaker_end", sa.Integer),
        sa.Column("cue", sa.Text),
        sa.Column("cue_start", sa.Integer),
        sa.Column("cue_end", sa.Integer),
        sa.Column("kind", sa.String(16)),
        sa.Column("actor_type", sa.String(16)),
        sa.Column("about", sa.Text),
        sa.Column("certainty", sa.Integer),
        sa.Column("article_id", sa.Text),
        sa.Column("title", sa.Text),
        sa.Column("date", sa.Text),
        sa.Column("source", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("predicted_actor", sa.Text),
        sa.Column("predicted_stance", sa.String(16)),
        sa.Column("predicted_confidence", sa.Float),
        sa.Column("comment", sa.Text),
        sa.UniqueConstraint("id", name="feedback_corrections_id"),
        sa.UniqueConstraint("statement", "version", name="feedback_corrections_version"),
    )
    op.create_index("feedback_corrections_article", "feedback_corrections", ["article"])
