"""Numbered lines and whole text files, at their limits."""

from pathlib import Path

import pytest

from quotestance.model.errors import InputError
from quotestance.service import lines
from quotestance.service.archive import records
from quotestance.service.archive.records import BadRecord
from quotestance.service.archive.sources import Source


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(lines, "MAX_BYTES", 100)
    monkeypatch.setattr(records, "MAX_BYTES", 100)
    return 100


def test_an_overlong_line_is_refused_and_skipped(tmp_path: Path, small_limit: int):
    path = tmp_path / "in.jsonl"
    path.write_bytes(b'{"a": 1}\n' + b"x" * (5 * small_limit) + b'\n{"a": 3}\n')
    first, second, third = records.json_records(Source(path, "jsonl"))
    assert isinstance(second, BadRecord)
    assert second.origin.line == 2
    assert second.reason.startswith("a line over")
    assert [r.origin.line for r in (first, third) if not isinstance(r, BadRecord)] == [1, 3]


def test_an_overlong_line_of_exactly_the_limit_is_read(tmp_path: Path, small_limit: int):
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"y" * small_limit + b"\n" + b"z\n")
    assert list(lines.numbered_lines(Source(path, "jsonl"))) == [(1, b"y" * small_limit), (2, b"z")]


def test_an_overlong_text_file_is_refused(tmp_path: Path, small_limit: int):
    path = tmp_path / "in.txt"
    path.write_bytes(b"x" * (small_limit + 1))
    with pytest.raises(InputError, match="over"):
        lines.whole_text(Source(path, "txt"))


def test_blank_lines_count_but_are_not_given(tmp_path: Path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n  \r\na\r\n\nb")
    assert list(lines.numbered_lines(Source(path, "jsonl"))) == [(3, b"a"), (5, b"b")]


def test_text_is_kept_exactly_but_for_the_byte_order_mark(tmp_path: Path):
    path = tmp_path / "in.txt"
    path.write_bytes(b"\xef\xbb\xbf\xef\xbb\xbf a\r\nb\r \n")
    assert lines.whole_text(Source(path, "txt")) == "\ufeff a\r\nb\r \n"
