"""Where settings come from, in which order, and what is said of those that cannot be used."""

from dataclasses import fields
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the service needs the serve extra")

from quotestance.model.errors import InputError
from quotestance.service.cli import main
from quotestance.service.http.api_keys import RotatingKeys
from quotestance.service.http.settings import ServeSettings, serve_settings
from quotestance.service.usable_cores import usable_cores

OLD, NEW = "an-old-key-0123456789", "a-new-key-0123456789"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "serve.toml"


def test_flags_go_before_the_environment_and_that_before_the_file(file):
    file.write_text("port = 1\nmax_items = 2\nqueue_items = 3\nlinger_ms = 1\n")
    environment = {"QUOTESTANCE_CONFIG": str(file), "QUOTESTANCE_PORT": "11", "QUOTESTANCE_MAX_ITEMS": "3"}
    settings = serve_settings(environment, {"port": 111, "max_items": None})
    assert (settings.port, settings.max_items, settings.queue_items) == (111, 3, 3)
    assert settings.linger_ms == 1.0
    assert isinstance(settings.linger_ms, float)
    assert settings.host == "127.0.0.1"


def test_the_flags_file_goes_before_the_environments(file, tmp_path):
    file.write_text("port = 1")
    other = tmp_path / "other.toml"
    other.write_text("port = 2")
    assert serve_settings({"QUOTESTANCE_CONFIG": str(other)}, {}, file).port == 1


def test_paths_in_the_file_are_relative_to_it(file):
    file.write_text('model = "models"\nkeys_file = "/etc/keys"\n')
    settings = serve_settings({}, {}, file)
    assert (settings.model, settings.keys_file) == (file.parent / "models", Path("/etc/keys"))


@pytest.mark.parametrize(
    ("value", "same"),
    [
        ("fb.sqlite", False),
        ("", True),
        ("off", True),
        ("~/fb.sqlite", True),
        ("/x/fb", True),
        ("postgresql://db/feedback", True),
        ("sqlite:///fb.sqlite", True),
    ],
)
def test_so_is_the_file_for_feedback(file, value, same):
    file.write_text(f'feedback = "{value}"\n')
    assert serve_settings({}, {}, file).feedback == (value if same else str(file.parent / value))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("max_itms = 3", "unknown setting `max_itms`; did you mean `max_items`?"),
        ("[serve]\nport = 3", "unknown setting `serve`"),
        ("port = '8000'", "`port` must be a whole number, not '8000'"),
        ("port = 8000.5", "`port` must be a whole number"),
        ("port = true", "`port` must be a whole number, not True"),
        ("host = 3", "`host` must be a text, not 3"),
        ("model = 3", "`model` must be a path, not 3"),
        ("deadline_seconds = 'x'", "`deadline_seconds` must be a number"),
        ("deadline_seconds = nan", "`deadline_seconds`: must be 0.001 or more"),
        ("port = 70000", "`port`: must be 65535 or less"),
        ("port = ", "not TOML"),
        ("port = 1\nport = 2", "not TOML"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_with_file_and_key(file, text, problem, capsys):
    file.write_text(text)
    assert main(["serve", "--config", str(file)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"quotestance: {file}: ")
    assert problem in err
    assert err.count("\n") == 1


def test_a_file_that_is_not_there_or_no_text(file, tmp_path):
    with pytest.raises(InputError, match="No such file"):
        serve_settings({}, {}, file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not a text file"):
        serve_settings({}, {}, file)


def test_every_setting_is_a_flag(capsys):
    assert main(["serve", "--help"]) == 0
    told = capsys.readouterr().out
    assert [f.name for f in fields(ServeSettings) if f"--{f.name.replace('_', '-')}" not in told] == []


def test_no_password_is_shown():
    shown = ServeSettings(host="postgresql://ana:hunter2@db/x").shown
    assert shown["host"] == "postgresql://ana:***@db/x"
    assert shown["port"] == 8000


def test_cores_within_the_quota(tmp_path):
    (tmp_path / "quota").write_text("150000 100000\n")
    assert usable_cores(tmp_path / "quota") == min(2, usable_cores(tmp_path / "none"))
    (tmp_path / "quota").write_text("10000 100000\n")
    assert usable_cores(tmp_path / "quota") == 1
    (tmp_path / "quota").write_text("max 100000\n")
    assert usable_cores(tmp_path / "quota") == usable_cores(tmp_path / "none") >= 1


# Keys that change while the service runs


def admits(keys, *given):
    return [keys.admit({"x-api-key": key}) for key in given]


def test_keys_are_read_again_when_the_file_changes(tmp_path):
    file = tmp_path / "keys"
    file.write_text(OLD)
    keys = RotatingKeys(file, {"QUOTESTANCE_KEYS": "of-the-environment-0"})
    file.write_text(f"{OLD}\n{NEW}\n")
    assert admits(keys, OLD, NEW) == [True, False]
    keys.refresh()
    assert admits(keys, OLD, NEW, "of-the-environment-0") == [True, True, True]
    file.write_text(NEW)
    keys.refresh()
    assert admits(keys, OLD, NEW) == [False, True]


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"max_items": 9, "queue_items": 8}, "9 items never fits a queue of 8"),
        (
            {"max_body_bytes": 9, "receiving_bytes": 8},
            r"max_body_bytes \(9\) is never received .* receiving_bytes \(8\)",
        ),
    ],
)
def test_limits_that_nothing_could_meet_are_refused(told, problem):
    with pytest.raises(InputError, match=problem):
        serve_settings({}, told)


@pytest.mark.parametrize("text", ["", "# none yet\n", "short\n", None])
def test_a_file_that_cannot_be_used_keeps_the_old_keys(tmp_path, text, caplog):
    file = tmp_path / "keys"
    file.write_text(OLD)
    keys = RotatingKeys(file, {})
    file.unlink() if text is None else file.write_text(text)
    keys.refresh()
    keys.refresh(forced=True)
    assert admits(keys, OLD, "") == [True, False]
    assert "keys not read again: the old ones stay" in caplog.text
    file.write_text(NEW)
    keys.refresh()
    assert admits(keys, OLD, NEW) == [False, True]


def test_a_file_that_has_not_changed_is_not_read(tmp_path, caplog):
    file = tmp_path / "keys"
    file.write_text(OLD)
    keys = RotatingKeys(file, {})
    caplog.set_level("INFO")
    keys.refresh()
    assert caplog.text == ""
    keys.refresh(forced=True)
    assert "keys read again" in caplog.text
