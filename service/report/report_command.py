"""The `report` command: a scored archive as one HTML page."""

import tempfile
from importlib.util import find_spec
from pathlib import Path

from quotestance.model.errors import InputError
from quotestance.service.atomic_output import STDOUT, checked_place, output
from quotestance.service.exit_status import DONE, SOME_REFUSED, complain
from quotestance.service.report.options import ReportOptions

_EXTRA = ("duckdb", "altair", "vl_convert", "jinja2", "markupsafe", "scipy")


def report(scored: Path, out: str, options: ReportOptions, overwrite: bool) -> int:
    """Write the page; the exit status. Raises InputError when nothing can be done; then no file is left."""
    if out != STDOUT and Path(out).suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{out}: cannot write this kind of file; OUT is an .html file, or - for standard output")
    _check_words(options.target)
    path = checked_place(out, [], overwrite, with_rejected=False)
    missing = [package for package in _EXTRA if find_spec(package) is None]
    if missing:
        raise InputError(f"the report needs {', '.join(missing)}: pip install 'quotestance[report]'")
    from quotestance.service.report.build import findings
    from quotestance.service.report.page import page
    from quotestance.service.report.scored_files import scored_files

    with tempfile.TemporaryDirectory(prefix="quotestance-report-") as folder:
        files = scored_files(scored, Path(folder))
        found = findings(files, options, Path(folder))
    html = page(scored.resolve().name, found, options)
    with output(path) as stream:
        stream.write(html.encode("utf-8", "replace"))
    complain(f"{found.overview.articles:,} articles, {found.overview.statements:,} statements: {path or 'written'}")
    return SOME_REFUSED if files.bad_lines else DONE


def _check_words(target: str | None) -> None:
    if target is not None and not any(character.isalnum() for character in target):
        raise InputError(
            f"--target {target!r}: has no letter or digit; say words of the targets you mean, or leave it out"
        )
