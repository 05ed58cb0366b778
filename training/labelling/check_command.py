"""`quotestance labels check`: everything that can be said of label files before anyone trains on them."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from quotestance.model.errors import LabelError
from quotestance.service.exit_status import DONE, SOME_REFUSED, complain
from quotestance.training.labelling.checked_files import Entry, read_entries
from quotestance.training.labelling.findings import Finding, listed
from quotestance.training.labelling.overlap_checks import event_findings, overlap_findings
from quotestance.training.labelling.set_checks import (
    contradiction_findings,
    count_findings,
    duplicate_findings,
    likely_wrong_findings,
    name_findings,
)

_MOST = 15  # lines of one kind on a terminal


def run(files: Sequence[Path], test: Sequence[Path], json_output: bool) -> int:
    """Check the files, and that the test files do not overlap with them; the exit status (1 when a line is fail).

    Raises LabelError when there is no usable label, InputError when a library of the `train` extra is missing.
    """
    entries, findings = read_entries(files)
    test_entries, test_findings = read_entries(test)
    findings += test_findings
    with_labels = {e.place.path for e in (*entries, *test_entries) if e.article.statements}
    empty = [str(path) for path in (*files, *test) if str(path) not in with_labels]
    if empty:
        _print([f for f in findings if f.level == "fail"], json_output, 0)
        raise LabelError(f"{', '.join(empty)}: no usable label")
    if not any(f.check == "readable" for f in findings):
        lines = len(entries) + len(test_entries)
        findings.insert(0, Finding("pass", "readable", f"{lines:,} lines, and every statement in them can be used"))
    findings += within(entries)
    if test:
        findings += [replace(f, message=f"test: {f.message}") for f in within(test_entries)]
        findings += overlap_findings(entries, test_entries) + event_findings(entries, test_entries)
    _print(findings, json_output, sum(len(e.article.statements) for e in entries))
    return SOME_REFUSED if any(f.level == "fail" for f in findings) else DONE


def within(entries: Sequence[Entry]) -> list[Finding]:
    """Every check within one set."""
    return [
        *name_findings(entries),
        *count_findings(entries),
        *duplicate_findings(entries),
        *contradiction_findings(entries),
        *likely_wrong_findings(entries),
    ]


def _print(findings: Sequence[Finding], json_output: bool, statements: int) -> None:
    counts = {level: sum(f.level == level for f in findings) for level in ("pass", "warn", "fail")}
    if json_output:
        report = {"statements": statements, **counts, "findings": [f.as_json() for f in findings]}
        print(json.dumps(report, indent=2))
        return
    encoding = sys.stdout.encoding or "utf-8"
    for line in listed(findings, _MOST):
        # names and paths come from files: what a terminal cannot show, or would act on, is escaped
        shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)
        print(shown.encode(encoding, "backslashreplace").decode(encoding))
    complain(f"{counts['pass']} pass, {counts['warn']} warn, {counts['fail']} fail")
