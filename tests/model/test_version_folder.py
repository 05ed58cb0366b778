from pathlib import Path

import pytest

from quotestance.model.errors import ModelError
from quotestance.model.version_folder import current_model, is_version_folder


def test_a_model_folder_is_itself(tmp_path: Path) -> None:
    assert not is_version_folder(tmp_path)
    assert current_model(tmp_path) == tmp_path


def test_the_pointer_names_the_version(tmp_path: Path) -> None:
    (tmp_path / "versions" / "b").mkdir(parents=True)
    (tmp_path / "current").write_text("b\n")
    assert is_version_folder(tmp_path)
    assert current_model(tmp_path) == tmp_path / "versions" / "b"


@pytest.mark.parametrize("name", ["", "gone", "../b", "versions/b"])
def test_a_pointer_to_nothing_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "versions" / "b").mkdir(parents=True)
    (tmp_path / "current").write_text(name)
    with pytest.raises(ModelError, match="current"):
        current_model(tmp_path)
