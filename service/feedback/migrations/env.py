"""What Alembic runs: the migrations that are missing, on the connection it is handed."""

from alembic import context

from quotestance.service.feedback.schema_version import VERSION_TABLE
from quotestance.service.feedback.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=VERSION_TABLE
)
context.run_migrations()
