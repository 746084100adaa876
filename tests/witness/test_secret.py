"""The secret that a proxy and the apps of one user share."""

from __future__ import annotations

import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cookietrace.errors import LaunchError
from cookietrace.stores import captures_folder
from cookietrace.witness.secret import SECRET_VARIABLE, known_secret, same_secret, secret_path
from cookietrace.witness.shared_secret import shared_secret


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a secret from the environment, unless a test sets one."""
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a secret, in a folder that does not exist yet."""
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
    """Many that ask at the same time all get the same secret."""
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: shared_secret(path), range(64)))
    assert secrets == {shared_secret(path)}
    assert [path] == list(path.parent.iterdir())


def test_asking_makes_nothing(path: Path) -> None:
    """Asking whether there is a secret makes no file."""
    assert known_secret(path) is None
    assert not path.parent.exists()


def test_a_folder_open_to_others_is_closed(path: Path) -> None:
    """A data folder that others could enter is made private before the secret is written."""
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
    """A file that others can read is not used: the error says what to do."""
    shared_secret(path)
    path.chmod(mode)
    with pytest.raises(LaunchError, match="other users can read"):
        shared_secret(path)


@pytest.mark.parametrize("content", [b"", b"two words here", b"\xff" * 40, b"x" * 2000])
def test_bad_content(content: bytes, path: Path) -> None:
    """A file that does not hold a secret is not used."""
    shared_secret(path)
    path.write_bytes(content)
    with pytest.raises(LaunchError, match="does not hold a secret"):
        shared_secret(path)


def test_links_and_pipes(path: Path, tmp_path: Path) -> None:
    """A link is not followed, and reading a pipe does not block."""
    path.parent.mkdir(parents=True, mode=0o700)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LaunchError):
        shared_secret(path)
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(LaunchError):
        shared_secret(path)


def test_no_folder(tmp_path: Path) -> None:
    """If the folder cannot be made, one line says so."""
    (tmp_path / "file").touch()
    with pytest.raises(LaunchError, match=SECRET_VARIABLE):
        shared_secret(tmp_path / "file" / "secret")


@pytest.mark.parametrize(
    ("platform", "data_home", "path"),
    [
        ("linux", None, "HOME/.local/share/cookietrace/secret"),
        ("linux", "", "HOME/.local/share/cookietrace/secret"),
        ("linux", "relative", "HOME/.local/share/cookietrace/secret"),
        ("linux", "/elsewhere", "/elsewhere/cookietrace/secret"),
        ("darwin", None, "HOME/Library/Application Support/cookietrace/secret"),
        ("darwin", "/elsewhere", "/elsewhere/cookietrace/secret"),
    ],
)
def test_default_place(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    platform: str,
    data_home: str | None,
    path: str,
) -> None:
    """The file is in the user's data folder, as the system's rules name it."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    if data_home is not None:
        monkeypatch.setenv("XDG_DATA_HOME", data_home)
    assert secret_path() == Path(path.replace("HOME", str(tmp_path)))


def test_the_secret_is_beside_the_captures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Our own rule for the folder agrees with the library that names it for everything else."""
    for data_home in ("", str(tmp_path)):
        monkeypatch.setenv("XDG_DATA_HOME", data_home)
        assert secret_path().parent == captures_folder().parent


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("abc", "abc", True), ("abc", "abd", False), ("abc", "ab", False), ("é", "\udcff", False)],
)
def test_comparing(one: str, other: str, same: bool) -> None:
    """Any two texts can be compared."""
    assert same_secret(one, other) is same
