"""The `feedback export` command: the corrections of a database as a label file, without the service."""

import os
from typing import get_args

from quotestance.model.errors import InputError
from quotestance.service.atomic_output import checked_output, output
from quotestance.service.exit_status import DONE, complain
from quotestance.service.json_text import json_line

try:
    from quotestance.service.feedback.database import FeedbackUnavailableError
    from quotestance.service.feedback.label_lines import LabelFormat, labels_of
    from quotestance.service.feedback.location import feedback_location
    from quotestance.service.feedback.store import FeedbackStore
    from quotestance.service.feedback.times import parsed_time
except ImportError as error:
    if error.name not in ("alembic", "sqlalchemy"):
        raise
    raise InputError("feedback needs packages that are not installed: pip install 'quotestance[serve]'") from error


def export(database: str | None, out: str, form: str, since: str | None, version: str | None, overwrite: bool) -> int:
    """Write the corrections in force to OUT; the exit status. Raises InputError."""
    location = feedback_location(database or os.environ.get("QUOTESTANCE_FEEDBACK", ""), os.environ)
    if location is None:
        raise InputError("feedback is off (QUOTESTANCE_FEEDBACK); name a database with --database")
    if location.file is not None and not location.file.is_file():
        raise InputError(f"{location}: no such file")
    chosen = _label_format(form)
    try:
        start = None if since is None else parsed_time(since)
    except InputError as error:
        raise InputError(f"--since: {error}") from None
    path = checked_output(out, [], overwrite, with_rejected=False)
    store = FeedbackStore(location)
    articles = statements = 0
    try:
        with output(path) as stream:
            for article in store.articles(start, version):
                stream.writelines(map(json_line, labels_of(article, chosen)))
                articles += 1
                statements += len(article.corrections)
    except FeedbackUnavailableError as error:
        raise InputError(f"{location}: {error}") from error
    finally:
        store.close()
    complain(f"{statements:,} statements of {articles:,} articles")
    return DONE


def _label_format(name: str) -> LabelFormat:
    for known in get_args(LabelFormat):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise InputError(f"--format: {name} is not one of {', '.join(get_args(LabelFormat))}")
