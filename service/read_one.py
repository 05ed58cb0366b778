"""The `read` command: one article, for a person on the terminal or as the JSON object."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from quotestance.model.errors import InputError
from quotestance.model.types import Article, ArticleError
from quotestance.service.archive.records import BadRecord, article_from, article_records, required_text
from quotestance.service.archive.sources import STDIN, Source, source_of
from quotestance.service.exit_status import DONE
from quotestance.service.given_targets import check_targets
from quotestance.service.json_text import json_line, parse_json
from quotestance.service.lines import whole_text
from quotestance.service.loading import load_model
from quotestance.service.reading_json import reading_json
from quotestance.service.torch_environment import wait_asleep

_NOTHING = "no article in it"
_SEVERAL = "holds more than one article; `quotestance score` reads many"


def read(file: str, title: str | None, targets: Sequence[str], as_json: bool, model_folder: Path | None) -> int:
    """Read the one article of `file` and print it; the exit status. Raises InputError or ModelError."""
    check_targets(targets)
    article = one_article(file)
    if title is not None:
        article = replace(article, title=title)
    if targets:
        article = replace(article, target=None)  # what is asked for goes before what the file says
    wait_asleep()
    model = load_model(model_folder)
    reading = next(model.read_many([article], list(targets) or None))
    if isinstance(reading, ArticleError):
        raise InputError(f"{file}: {reading.error}")
    if as_json:
        sys.stdout.buffer.write(json_line(reading_json(reading)))
        sys.stdout.buffer.flush()
    else:
        from quotestance.service.show import show

        show(reading)
    return DONE


def one_article(file: str) -> Article:
    """The article in a `.json` or `.jsonl` file, or else in a text file; of standard input whichever it looks like.

    Raises InputError when there is none, more than one, or it cannot be used.
    """
    if file == STDIN:
        return _from_stdin()
    path = Path(file)
    if path.is_dir():
        raise InputError(f"{file}: is a folder; `quotestance score` reads folders")
    if not path.exists():
        raise InputError(f"{file}: no such file")
    return _only_record(source_of(path, frozenset(("jsonl", "json"))) or Source(path, "txt"))


def _only_record(source: Source) -> Article:
    records = list(islice(article_records([source]), 2))
    if not records:
        raise InputError(f"{source.name}: {_NOTHING}")
    if len(records) > 1:
        raise InputError(f"{source.name}: {_SEVERAL}")
    record = records[0]
    if isinstance(record, BadRecord):
        raise InputError(f"{record.place}: {record.reason}")
    return record.article


def _from_stdin() -> Article:
    source = Source(None, "txt")
    try:
        text = whole_text(source)
        if _begins_as_json(text):
            return article_from(_only_object(parse_json(text)))
        required_text({"text": text}, "text")
    except InputError as error:
        raise InputError(f"{source.name}: {error}") from None
    return Article(id="stdin", text=text)


def _begins_as_json(text: str) -> bool:
    """Whether it begins as no article does: with an object, alone or in a list, or as an empty list."""
    beginning = "".join(text[:1000].split())
    return beginning.startswith(('{"', '[{"')) or beginning == "[]"


def _only_object(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        if len(value) != 1:
            raise InputError(_SEVERAL if value else _NOTHING)
        value = value[0]
    if not isinstance(value, dict):
        raise InputError("not one JSON object")
    return value
