"""The wheel holds the package, its weights and word lists, and nothing else; what is in it is enough to read."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("model", "service", "training")
ARTICLE = ROOT / "tests" / "data" / "article.json"
_RUN = (
    "import sys, quotestance.service.cli as cli; print(cli.__file__, file=sys.stderr); sys.exit(cli.main(sys.argv[1:]))"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that an old build/ in the checkout adds nothing to it."""
    pytest.importorskip("build", reason="building a wheel needs the build package (the dev extra)")
    folder = tmp_path_factory.mktemp("wheel")
    ignored = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "runs", "*.egg-info")
    shutil.copytree(ROOT, folder / "source", ignore=ignored)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), "source"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def _packaged(pattern: str) -> set[str]:
    return {f"quotestance/{path.relative_to(ROOT).as_posix()}" for path in ROOT.glob(pattern)}


def test_nothing_lands_beside_the_package(names: set[str]) -> None:
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"quotestance"}
    assert {name.split("/")[1] for name in names if name.startswith("quotestance/")} == set(FOLDERS)


def test_every_module_is_in_it_and_no_test(names: set[str]) -> None:
    modules = {name for name in names if name.endswith(".py")}
    assert modules == set().union(*(_packaged(f"{folder}/**/*.py") for folder in FOLDERS))
    assert not {name for name in names if Path(name).name.startswith(("test_", "conftest")) or "/tests/" in name}


@pytest.mark.parametrize(
    "pattern",
    [
        "model/weights/*/model.safetensors",
        "model/weights/*/manifest.json",
        "model/weights/*/tokenizer.json",
        "model/weights/shared/*.safetensors",
        "model/lexicon/*.toml",
        "training/data/*.jsonl*",
        "service/page/static/*",
        "service/report/templates/*",
        *(f"{folder}/py.typed" for folder in FOLDERS),
    ],
)
def test_data_files_are_in_it(names: set[str], pattern: str) -> None:
    expected = _packaged(pattern)
    assert expected
    assert expected <= names


def test_metadata(wheel: Path, names: set[str]) -> None:
    (info,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
    assert f"{info}/licenses/LICENSE" in names
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"{info}/METADATA").decode()
        commands = archive.read(f"{info}/entry_points.txt").decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert "quotestance = quotestance.service.cli:main" in commands


def test_the_unpacked_wheel_reads_an_article(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    command = [sys.executable, "-c", _RUN, "read", str(ARTICLE), "--json"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert result.returncode == 0, result.stderr
    assert result.stderr.startswith(str(tmp_path))  # not the checkout's modules
    reading = json.loads(result.stdout)
    text = json.loads(ARTICLE.read_text(encoding="utf-8"))["text"]
    assert all(text[s["start"] : s["end"]] == s["quote"] for s in reading["statements"])
    stances = {actor["actor"]: actor["stance"] for actor in reading["actors"]}
    assert stances["Claire Vasseur"] == "supportive"
    assert stances["Karim Belhouari"] == "condemning"
