"""The `report` command: what it takes, what it refuses, and what the page is."""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from markupsafe import Markup
from report_archive import HOSTILE, Archive, scored_lines, write_archive, write_parquet
from report_page import Page

from quotestance.model.errors import InputError
from quotestance.service.archive.parquet_schema import ARTICLES, STATEMENTS
from quotestance.service.report import charts
from quotestance.service.report import page as page_module
from quotestance.service.report.build import findings
from quotestance.service.report.options import ReportOptions
from quotestance.service.report.scored_files import scored_files

from .conftest import Run


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return write_archive(tmp_path_factory.mktemp("report") / "scored", count=60)


@pytest.fixture
def pictures() -> None:
    """For tests that look at the pictures, which take a while to draw."""


@pytest.fixture(autouse=True)
def _no_pictures(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "pictures" not in request.fixturenames:
        names = ("actors", "outlets", "bins", "actors_over_time", "outlets_over_time")
        blank = charts.Picture(Markup(), Markup())
        monkeypatch.setattr(page_module, "_pictures", lambda findings: dict.fromkeys(names, blank))


def made(run: Run, scored: Path | str, *options: str, status: int = 0) -> str:
    outcome = run("report", str(scored), "-o", "report.html", "--overwrite", *options)
    assert outcome.status == status, outcome.err
    assert outcome.out == ""
    return Path("report.html").read_text(encoding="utf-8")


def empty(folder: Path, articles: list[dict[str, Any]] | None = None) -> Path:
    write_parquet(folder / "x.parquet", [], STATEMENTS)
    write_parquet(folder / "x.articles.parquet", articles or [], ARTICLES)
    return folder / "x.parquet"


def article(**fields: Any) -> dict[str, Any]:
    return dict.fromkeys(ARTICLES.names) | {"id": "a", "statement_count": 0, "scored": True, "model": "m"} | fields


@pytest.mark.usefixtures("pictures")
def test_same_input_same_bytes(run: Run, archive: Archive) -> None:
    assert made(run, archive.folder) == made(run, archive.folder)


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_lines_give_the_same_page_as_tables(run: Run, archive: Archive, tmp_path: Path, suffix: str) -> None:
    lines = scored_lines(archive).encode()
    (tmp_path / f"scored{suffix}").write_bytes(gzip.compress(lines) if suffix.endswith("gz") else lines)
    (tmp_path / "scored.rejected.jsonl").write_bytes((archive.folder / "quarantine.jsonl").read_bytes())
    found = made(run, f"scored{suffix}")
    assert found.replace(f"scored{suffix}", "scored") == made(run, archive.folder)


def test_one_file_and_its_articles(run: Run, archive: Archive, tmp_path: Path) -> None:
    write_parquet(tmp_path / "scored.parquet", archive.statements, STATEMENTS)
    write_parquet(tmp_path / "scored.articles.parquet", archive.articles, ARTICLES)
    (tmp_path / "scored.rejected.jsonl").write_bytes((archive.folder / "quarantine.jsonl").read_bytes())
    assert made(run, "scored.parquet").replace("scored.parquet", "scored") == made(run, archive.folder)


def test_a_folder_of_lines(run: Run, archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "scored"
    folder.mkdir()
    lines = scored_lines(archive).splitlines(keepends=True)
    (folder / "part-00000.jsonl").write_text("".join(lines[:30]))
    (folder / "part-00001.jsonl").write_text("".join(lines[30:]))
    (folder / "quarantine.jsonl").write_bytes((archive.folder / "quarantine.jsonl").read_bytes())
    assert made(run, folder) == made(run, archive.folder)


def test_what_score_writes(run: Run, tmp_path: Path) -> None:
    from fakes import TEXT

    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "text": TEXT, "source": "Lund Post"}) + "\n{}\n")
    assert run("score", "in.jsonl", "-o", "x.jsonl").status == 1
    html = made(run, "x.jsonl", "--min-statements", "1")
    page = Page(html)
    assert page.numbers["overview/statements"] == "3"
    assert page.numbers["stances/supportive"] == "1"
    assert page.numbers["stances/condemning"] == "1"
    assert page.numbers["stances/abstained"] == "1"
    assert page.numbers["quarantined/0"] == "1"
    assert page.heads[:2] == ["Omar Fell", "Dora Lind"]


def test_lines_that_are_no_scored_articles(run: Run, archive: Archive, tmp_path: Path) -> None:
    bad = (
        "not JSON",
        "[]",
        '{"id": 3}',
        '{"id": "x", "statements": [1]}',
        '{"id": "y", "statements": [{"start": "z"}]}',
    )
    (tmp_path / "x.jsonl").write_text("\n".join(bad) + "\n" + scored_lines(archive))
    outcome = run("report", "x.jsonl", "-o", "report.html")
    assert outcome.status == 1
    assert "x.jsonl, line 1: not valid JSON" in outcome.err
    page = Page(Path("report.html").read_text())
    assert page.numbers["left_out/bad_lines"] == "5"
    assert page.numbers["overview/articles"] == "60"


def test_half_characters_in_lines(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"id": "a", "title": "\\ud800", "statements": [], "model": "m"}\n')
    assert Page(made(run, "x.jsonl")).numbers["overview/articles"] == "1"


@pytest.mark.parametrize("articles", [[], [article()], [article(scored=False, language="fr", date="soon")]])
def test_archives_without_statements(run: Run, tmp_path: Path, articles: list[dict[str, Any]]) -> None:
    html = made(run, empty(tmp_path, articles))
    assert "The archive is empty" in html if not articles else "No article has a target" in html
    assert "How to read this" in html


def test_an_empty_file_of_lines(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("")
    assert "The archive is empty" in made(run, "x.jsonl")


def test_without_dates_sources_and_targets(run: Run, archive: Archive, tmp_path: Path) -> None:
    bare = [a | dict.fromkeys(("date", "source", "url", "title", "target")) | {"targets": []} for a in archive.articles]
    write_parquet(tmp_path / "x.parquet", archive.statements, STATEMENTS)
    write_parquet(tmp_path / "x.articles.parquet", bare, ARTICLES)
    html = made(run, "x.parquet")
    assert "without a date" in html
    assert "name no outlet" in html
    assert "No article has a target" in html
    assert "No actor has" in html


def test_ids_that_repeat_and_statements_without_article(run: Run, archive: Archive, tmp_path: Path) -> None:
    first = next(a for a in archive.articles if a["statement_count"])
    more = [s | {"quote": "of another article"} for s in archive.statements if s["article_id"] == first["id"]]
    lost = [archive.statements[0] | {"article_id": "nowhere"}]
    write_parquet(tmp_path / "x.parquet", archive.statements + more + lost, STATEMENTS)
    write_parquet(tmp_path / "x.articles.parquet", [*archive.articles, first | {"source": "Other"}], ARTICLES)
    page, plain = Page(made(run, "x.parquet")), Page(made(run, archive.folder))
    assert page.numbers["left_out/repeated_ids"] == "1"
    assert page.numbers["left_out/orphans"] == "1"
    differing = {key for key in page.numbers if page.numbers[key] != plain.numbers.get(key)}
    assert differing == {"left_out/repeated_ids", "left_out/orphans"}


def test_quotes_are_those_of_the_first_of_articles_with_one_id(tmp_path: Path) -> None:
    words = "We hold with what was done"
    said = dict.fromkeys(STATEMENTS.names) | {"article_id": "a", "index": 0, "start": 0, "end": 26, "quote": words}
    said |= {"actor": "Ana Ruiz", "actor_type": "person", "kind": "mixed", "cue": "said"}
    said |= {"stance": "supportive", "score": 0.8, "confidence": 0.9, "abstained": False}
    shouted = said | {"quote": words.upper(), "kind": "direct", "cue": "cried"}
    target = {"text": "the raid", "source": "given"}
    first = article(title="Z", url="https://z.example/", source="Post", target=target, targets=[target])
    first |= {"statement_count": 1}
    write_parquet(tmp_path / "statements-00000.parquet", [said], STATEMENTS)
    write_parquet(tmp_path / "articles-00000.parquet", [first], ARTICLES)
    write_parquet(tmp_path / "statements-00001.parquet", [shouted], STATEMENTS)
    write_parquet(tmp_path / "articles-00001.parquet", [first | {"title": "A", "url": "https://a.example/"}], ARTICLES)
    (quote,) = findings(scored_files(tmp_path, tmp_path), ReportOptions(), tmp_path).quotes
    assert (quote.title, quote.url) == ("Z", "https://z.example/")
    assert (quote.quote, quote.cue, quote.kind) == (words, "said", "mixed")


TARGETS = ("Russian raid on Damascus", "the US-led strikes on Karsk", "the U.S. raid", "Norway’s shelling of Lund")


@pytest.mark.parametrize(
    ("words", "which"),
    [
        ("US", (1, 2)),
        ("u.s.", (1, 2)),
        ("us led", (1,)),
        ("the US-led", (1,)),
        ("norway", (3,)),
        ("raid", (0, 2)),
        ("raid, on", (0,)),
    ],
)
def test_a_target_is_chosen_by_whole_words(tmp_path: Path, words: str, which: tuple[int, ...]) -> None:
    lines = [{"id": text, "target": {"text": text, "source": "found"}, "statements": []} for text in TARGETS]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = findings(scored_files(tmp_path / "x.jsonl", tmp_path), ReportOptions(target=words), tmp_path)
    assert {tally.name for tally in found.targets.shown} == {TARGETS[i] for i in which}


def test_a_target_that_is_only_part_of_a_word(tmp_path: Path) -> None:
    target = {"text": "Russian raid on Damascus", "source": "found"}
    (tmp_path / "x.jsonl").write_text(json.dumps({"id": "a", "target": target, "statements": []}) + "\n")
    with pytest.raises(InputError, match="no article has a target that holds these words"):
        findings(scored_files(tmp_path / "x.jsonl", tmp_path), ReportOptions(target="US"), tmp_path)


def test_a_page_without_the_picture_of_time_shows_its_numbers(
    run: Run, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    details = [its for tag, its in Page(made(run, archive.folder)).tags if tag == "details"]
    assert details
    assert not [its for its in details if "open" in its]
    pictures = page_module._pictures
    monkeypatch.setattr(page_module, "_pictures", lambda findings: pictures(findings) | {"bins": None})
    shown = Page(made(run, archive.folder))
    assert [its for tag, its in shown.tags if "open" in its]
    assert {tag for tag, _ in shown.tags if tag.startswith("details")} == {"details"}


def test_the_note_on_outlets_says_what_is_one(run: Run, tmp_path: Path) -> None:
    names = ("The Lund Post", "lund  post", "L.U.N.D. Post", "O’Hara", "O'Hara")
    lines = [{"id": name, "source": name, "statements": [{"quote": "x", "start": 0, "end": 1}]} for name in names]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    html = made(run, "x.jsonl")
    assert Page(html).numbers["overview/outlets"] == "2"
    assert "differ only in case, spacing, full stops, the form of quote marks or a leading “the” are one" in html


def test_the_title_of_the_folder_one_is_in(run: Run, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(archive.folder)
    assert "<title>Who stood where: scored</title>" in run("report", ".", "-o", "-").out


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        (("statements-00001.parquet",), "statements-00001.parquet"),
        (("statements-00000.parquet", "statements-00001.parquet"), "statements-00000.parquet"),
        (("articles-00001.parquet",), "articles-00001.parquet"),
        (("articles-00000.parquet", "statements-00001.parquet"), "articles-00000.parquet"),
    ],
)
def test_a_shard_that_the_manifest_counts_is_missing(
    run: Run, archive: Archive, tmp_path: Path, gone: tuple[str, ...], named: str
) -> None:
    shutil.copytree(archive.folder, tmp_path / "scored", ignore=shutil.ignore_patterns(*gone))
    outcome = run("report", "scored", "-o", "report.html")
    assert (outcome.status, outcome.err.count("\n")) == (2, 1)
    assert f"scored/{named}: is missing, of the manifest's 2 shards: copy the folder again" in outcome.err


def test_a_part_that_the_manifest_counts_is_missing(run: Run, tmp_path: Path) -> None:
    from fakes import TEXT

    records = [json.dumps({"id": f"a{i}", "text": f"{TEXT}Number {i}."}) + "\n" for i in range(3)]
    (tmp_path / "in.jsonl").write_text("".join(records))
    assert run("score", "in.jsonl", "-o", "x", "--format", "jsonl", "--shard-size", "1").status == 0
    part = tmp_path / "x" / "part-00001.jsonl"
    part.with_name("part-00001.jsonl.gz").write_bytes(gzip.compress(part.read_bytes()))
    part.unlink()
    assert Page(made(run, "x")).numbers["overview/articles"] == "3"
    part.with_name("part-00001.jsonl.gz").unlink()
    outcome = run("report", "x", "-o", "r.html")
    assert outcome.status == 2
    assert "x/part-00001.jsonl: is missing, of the manifest's 3 shards" in outcome.err


def test_scoring_that_has_not_ended(run: Run, archive: Archive) -> None:
    manifest = archive.folder / "manifest.json"
    before = manifest.read_text()
    manifest.write_text('{"complete": false}')
    try:
        assert "Scoring has not come to its end" in made(run, archive.folder)
    finally:
        manifest.write_text(before)
    assert "Scoring has not come to its end" not in made(run, archive.folder)


def test_aliases(run: Run, archive: Archive, tmp_path: Path) -> None:
    apart = Page(made(run, archive.folder))
    (tmp_path / "aliases.csv").write_text(
        "alias,actor\nruiz,Ana Ruiz\nNORTHERN LEAGUE,The League\n", encoding="utf-8-sig"
    )
    together = Page(made(run, archive.folder, "--aliases", "aliases.csv"))
    assert "Ruiz" in apart.heads
    assert "Ruiz" not in together.heads
    assert "The League" in together.heads  # of both types
    assert int(together.numbers["overview/actors"]) == int(apart.numbers["overview/actors"]) - 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n", "first line must be"),
        ("alias,actor\nx\n", "line 2"),
        ("alias,actor\nx,\n", "line 2"),
        ("alias,actor\nUSA,US\nUS, UK and France,The Allies\n", "line 3: more cells than the first line"),
        ("\xff", "UTF-8"),
    ],
)
def test_alias_files_that_cannot_be_used(run: Run, archive: Archive, tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "aliases.csv").write_bytes(content.encode("latin-1"))
    outcome = run("report", str(archive.folder), "-o", "report.html", "--aliases", "aliases.csv")
    assert outcome.status == 2
    assert said in outcome.err
    assert not Path("report.html").exists()


@pytest.mark.parametrize(
    ("scored", "said"),
    [
        ("nowhere", "no such file or folder"),
        ("folder", "no statements-*.parquet in it"),
        ("x.csv", "not what `quotestance score` writes"),
        ("alone.parquet", "alone.articles.parquet: no such file"),
        ("broken.parquet", "broken.parquet: not a Parquet file"),
        ("other.parquet", "other.parquet: no column article_id"),
        ("wrong.parquet", "unusable tables"),
        ("words.jsonl", "none is a scored article"),
        ("cut.jsonl.gz", "damaged or cut short"),
    ],
)
def test_refused(run: Run, tmp_path: Path, scored: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("x.csv", "alone.parquet", "broken.parquet", "broken.articles.parquet", "words.jsonl"):
        (tmp_path / name).write_text("words\n")
    for name in ("other", "wrong"):
        write_parquet(tmp_path / f"{name}.articles.parquet", [article()], ARTICLES)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    pq.write_table(pa.table({name: [1] for name in STATEMENTS.names}), tmp_path / "wrong.parquet")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b'{"id": "a", "statements": []}\n' * 99)[:-12])
    outcome = run("report", scored, "-o", "report.html")
    assert outcome.status == 2
    assert said in outcome.err
    assert outcome.err.count("\n") == 1
    assert not Path("report.html").exists()


@pytest.mark.parametrize("table", ["statements", "articles"])
@pytest.mark.parametrize(("end", "said"), [(300, "a damaged Parquet file"), (-10, "not a Parquet file, or damaged")])
def test_a_damaged_file_of_an_archive_is_named(run: Run, tmp_path: Path, table: str, end: int, said: str) -> None:
    archive = write_archive(tmp_path / "scored", count=60)
    path = archive.folder / f"{table}-00001.parquet"
    data = bytearray(path.read_bytes())
    data[4:end] = b"\xff" * (len(data[:end]) - 4)
    path.write_bytes(data)
    outcome = run("report", str(archive.folder), "-o", "report.html")
    assert (outcome.status, outcome.err.count("\n")) == (2, 1)
    assert f"{path}: {said}" in outcome.err
    assert not Path("report.html").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-o", "report.pdf"), "OUT is an .html file"),
        (("-o", "none/report.html"), "no such folder"),
        (("-o", "there.html"), "is there already"),
        (("-o", "folder.html"), "is a folder"),
        (("-o", "r.html", "--target", "no such words"), "no article has a target that holds these words"),
        (("-o", "r.html", "--target", ""), "--target '': has no letter or digit"),
        (("-o", "r.html", "--target", " …?"), "--target ' …?': has no letter or digit"),
    ],
)
def test_options_that_cannot_be_used(run: Run, archive: Archive, options: tuple[str, ...], said: str) -> None:
    Path("there.html").write_text("mine")
    Path("folder.html").mkdir()
    outcome = run("report", str(archive.folder), *options)
    assert outcome.status == 2
    assert said in outcome.err
    assert Path("there.html").read_text() == "mine"


def test_to_standard_output(run: Run, archive: Archive) -> None:
    outcome = run("report", str(archive.folder), "-o", "-")
    assert outcome.status == 0
    assert outcome.out.startswith("<!doctype html>")


@pytest.mark.parametrize("package", ["duckdb", "altair", "vl_convert", "jinja2", "scipy"])
def test_says_what_is_missing(run: Run, archive: Archive, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    outcome = run("report", str(archive.folder), "-o", "report.html")
    assert outcome.status == 2
    assert f"needs {package}: pip install 'quotestance[report]'" in outcome.err


@pytest.mark.usefixtures("pictures")
def test_text_of_the_archive_stays_text(run: Run, archive: Archive) -> None:
    html = made(run, archive.folder, "--min-statements", "1")
    page = Page(html)
    assert any("<script>alert(1)</script>" in head for head in page.heads)
    assert {"script", "img"} & {tag for tag, _ in page.tags} == set()
    assert [tag for tag, _ in page.tags].count("style") == 1
    assert not [(tag, name) for tag, its in page.tags for name in its if name.startswith("on")]
    assert "\u202e" not in html
    assert "{{ 7*7 }}" in html
    assert HOSTILE not in html


def test_asks_no_other_host(run: Run, archive: Archive) -> None:
    page = Page(made(run, archive.folder))
    policies = [its["content"] for tag, its in page.tags if tag == "meta" and "http-equiv" in its]
    assert policies == [
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    ]
    links = [its.get("href") or "" for tag, its in page.tags if tag == "a"]
    assert all(link.startswith(("#", "http://", "https://")) for link in links)
    assert any(":~:text=" in link for link in links)
    others = [value for tag, its in page.tags if tag != "a" for name, value in its.items() if name in ("src", "href")]
    assert others == ["data:,"]


@pytest.mark.usefixtures("pictures")
def test_every_table_and_picture_has_words(run: Run, archive: Archive) -> None:
    page = Page(made(run, archive.folder))
    assert [tag for tag, _ in page.tags].count("svg") == 2 * [tag for tag, _ in page.tags].count("figure") == 10
    assert all(its.get("aria-label") for tag, its in page.tags if tag == "figure")
    assert all(its.get("aria-label") for tag, its in page.tags if its.get("class") == "table")
    assert all(its.get("aria-hidden") == "true" for tag, its in page.tags if tag == "svg")


def test_a_folder_is_read_by_its_name_whatever_that_means_to_a_database(
    run: Run, archive: Archive, tmp_path: Path
) -> None:
    expected = made(run, archive.folder)
    for name in ("source=bbc/date=2020-12/s[12]", "s1"):
        folder = tmp_path / name / archive.folder.name
        shutil.copytree(archive.folder, folder)
        if name == "s1":
            (folder / "statements-00000.parquet").write_bytes(b"")
    assert made(run, tmp_path / "source=bbc/date=2020-12/s[12]" / archive.folder.name) == expected
