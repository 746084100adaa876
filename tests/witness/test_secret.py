"""The secret that a proxy and the apps of one user share."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cookietrace.errors import LaunchError
from cookietrace.witness.secret import (
    SECRET_VARIABLE,
    known_secret,
    same_secret,
    secret_path,
    shared_secret,
)


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No secret comes from the environment, unless a test sets one."""
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the secret is to be, in a folder that is not there yet."""
    return tmp_path / "data" / "cookietrace" / "secret"


def test_made_once(path: Path) -> None:
    """The first to ask makes an owner-only file in an owner-only folder; others read it."""
    secret = shared_secret(path)
    assert len(secret) >= 40
    assert secret == shared_secret(path) == known_secret(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [path] == list(path.parent.iterdir())


def test_made_together(path: Path) -> None:
    """Many that come at once all get the same secret."""
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: shared_secret(path), range(64)))
    assert secrets == {shared_secret(path)}
    assert [path] == list(path.parent.iterdir())


def test_asking_makes_nothing(path: Path) -> None:
    """Whoever only asks whether there is a secret leaves no trace."""
    assert known_secret(path) is None
    assert not path.parent.exists()


def test_a_folder_open_to_others_is_closed(path: Path) -> None:
    """A data folder that others could enter is made private before a secret lies in it."""
    path.parent.mkdir(parents=True, mode=0o755)
    shared_secret(path)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_variable_wins(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment variable is used as it is, and no file is made."""
    monkeypatch.setenv(SECRET_VARIABLE, "from-the-environment")
    assert shared_secret(path) == "from-the-environment" == known_secret(path)
    assert not path.exists()


@pytest.mark.parametrize("value", ["short", "has a space in it", "é" * 20, "x" * 600])
def test_bad_variable(value: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that could not be sent in a header is refused in one line."""
    monkeypatch.setenv(SECRET_VARIABLE, value)
    with pytest.raises(LaunchError, match=SECRET_VARIABLE) as error:
        shared_secret(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_readable_by_others(mode: int, path: Path) -> None:
    """A secret that others can read is none: the line says what to do."""
    shared_secret(path)
    path.chmod(mode)
    with pytest.raises(LaunchError, match="not yours alone"):
        shared_secret(path)


@pytest.mark.parametrize("content", [b"", b"two words here", b"\xff" * 40, b"x" * 2000])
def test_bad_content(content: bytes, path: Path) -> None:
    """A file that holds no secret is not trusted."""
    shared_secret(path)
    path.write_bytes(content)
    with pytest.raises(LaunchError, match="holds no secret"):
        shared_secret(path)


def test_links_and_pipes(path: Path, tmp_path: Path) -> None:
    """A link is not followed, and a pipe is not waited for."""
    path.parent.mkdir(parents=True, mode=0o700)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LaunchError):
        shared_secret(path)
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(LaunchError):
        shared_secret(path)


def test_no_folder(tmp_path: Path) -> None:
    """Where the folder cannot be made, one line says so."""
    (tmp_path / "file").touch()
    with pytest.raises(LaunchError, match=SECRET_VARIABLE):
        shared_secret(tmp_path / "file" / "secret")


def test_default_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file lies in the user's data folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert secret_path().name == "secret"
    assert secret_path().parent.name == "cookietrace"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("abc", "abc", True), ("abc", "abd", False), ("abc", "ab", False), ("é", "\udcff", False)],
)
def test_comparing(one: str, other: str, same: bool) -> None:
    """Any two texts can be compared."""
    assert same_secret(one, other) is same
