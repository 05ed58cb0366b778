"""What the repository may hold: nothing large, nothing of one machine, nothing that runs when it is loaded."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LARGEST_FILE = 25 * 2**20
LARGEST_TREE = 45 * 2**20

_MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:home|root|Users|work|workspace|tmp|mnt)/\w|[A-Z]:\\Users\\")
_PICKLE_SUFFIXES = frozenset((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".bin", ".npy", ".npz"))
_PICKLE_START = re.compile(rb"\x80[\x02-\x05]")
_UNPICKLING = re.compile(r"^\s*(?:import|from)\s+(?:pickle|cPickle|dill|joblib|shelve)\b", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: no list of the repository's files")
    # a checkout may belong to another user than the one that runs the tests
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    files = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in files if path.is_file() and not path.is_symlink()]


def test_no_file_is_large(tracked: list[Path]) -> None:
    assert {path.name: path.stat().st_size for path in tracked if path.stat().st_size > LARGEST_FILE} == {}


def test_the_tree_is_small(tracked: list[Path]) -> None:
    assert sum(path.stat().st_size for path in tracked) <= LARGEST_TREE


def test_no_path_of_a_machine(tracked: list[Path]) -> None:
    found = {}
    for path in tracked:
        if path.suffix == ".safetensors":
            continue
        if match := _MACHINE_PATH.search(path.read_text(encoding="utf-8", errors="replace")):
            found[str(path.relative_to(ROOT))] = match[0]
    assert found == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"/' + 'home/ana/data"', True),
        ("see /" + "tmp/x.txt", True),
        ("C:" + "\\Users\\ana", True),
        ("https://example.org/home/page", False),
        ("../mnt/out", False),
        ("home/mnt", False),
    ],
)
def test_what_counts_as_a_path_of_a_machine(text: str, found: bool) -> None:
    assert bool(_MACHINE_PATH.search(text)) is found


def test_no_pickle(tracked: list[Path]) -> None:
    found = []
    for path in tracked:
        with path.open("rb") as file:
            start = file.read(2)
        if path.suffix in _PICKLE_SUFFIXES or _PICKLE_START.match(start):
            found.append(str(path.relative_to(ROOT)))
    assert found == []


def test_no_module_reads_pickles(tracked: list[Path]) -> None:
    packaged = [p for p in tracked if p.suffix == ".py" and p.relative_to(ROOT).parts[0] != "tests"]
    assert packaged
    assert [p.name for p in packaged if _UNPICKLING.search(p.read_text(encoding="utf-8"))] == []


def test_links_within_the_repository_lead_somewhere(tracked: list[Path]) -> None:
    pages = [path for path in tracked if path.suffix == ".md"]
    assert len(pages) > 5
    broken = [
        (page.name, link)
        for page in pages
        for link in _LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []
