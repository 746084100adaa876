"""Files that the user names: read within limits, without waiting; replaced if regular."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cookietrace.checking import read_ignores
from cookietrace.commands.page_options import _text as read_introduction
from cookietrace.errors import FormatError
from cookietrace.redact.key import _make, _read
from cookietrace.settings import read_settings, save_setting
from cookietrace.whole_file import read_whole, write_whole

READERS: dict[str, Callable[[Path], object]] = {
    "settings": read_settings,
    "a setting to change": lambda path: save_setting(path, "theme", "light"),
    "ignores": read_ignores,
    "an introduction": read_introduction,
}


@pytest.mark.parametrize("reader", READERS)
def test_a_named_pipe_is_refused(tmp_path: Path, reader: str) -> None:
    """Without a writer it would be waited for; one line says what it is, and it stays."""
    path = tmp_path / "config.toml"
    os.mkfifo(path)
    with pytest.raises(FormatError, match=r"cannot be read: it is a pipe"):
        READERS[reader](path)
    assert path.is_fifo()


@pytest.mark.parametrize("reader", READERS)
def test_an_endless_file_is_refused(reader: str) -> None:
    """A device never ends; a file with settings is short."""
    with pytest.raises(FormatError, match=r"larger than|too long"):
        READERS[reader](Path("/dev/zero"))


def test_what_a_shell_opened_is_read(tmp_path: Path) -> None:
    """``--config <(command)`` names a pipe of ours, which is read to its end, and waited for."""
    outlet, inlet = os.pipe()
    os.write(inlet, b'theme = "light"')
    os.close(inlet)
    assert read_settings(Path(f"/dev/fd/{outlet}")).theme == "light"
    os.close(outlet)
    link = tmp_path / "config.toml"
    link.symlink_to(os.devnull)
    assert read_settings(link).theme == "dark"


def test_only_a_file_is_replaced(tmp_path: Path) -> None:
    """Or a link; a pipe or a folder stays, and nothing is left beside it."""
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, folder):
        with pytest.raises(OSError, match="not a regular file"):
            write_whole(path, [b"x"], replace=True)
    assert sorted(tmp_path.iterdir()) == [folder, pipe]
    assert pipe.is_fifo()


def test_the_redaction_secret_is_never_a_pipe(tmp_path: Path) -> None:
    """Then a key is made for this process alone (``redaction_key``)."""
    path = tmp_path / "redaction-secret"
    os.mkfifo(path)
    for use in (_read, _make):
        with pytest.raises(OSError, match=r"pipe|regular"):
            use(path)
    assert path.is_fifo()


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    """A longer file gives more than the most, so that it can be told from one that fits."""
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_whole(path, 5) == b"12345"
    assert len(read_whole(path, 4)) == 5
