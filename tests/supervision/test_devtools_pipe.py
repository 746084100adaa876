"""The DevTools pipe: messages in both directions, whatever a page makes the browser say."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from cookietrace.errors import LaunchError
from cookietrace.supervision.devtools_pipe import LONGEST_MESSAGE, DevToolsPipe


@pytest.fixture
def pipe() -> Iterator[DevToolsPipe]:
    """A pipe, both of whose ends are here."""
    pipe = DevToolsPipe()
    yield pipe
    pipe.started()
    pipe.close()


@pytest.mark.parametrize(
    "pieces",
    [(b"one\0two\0",), (b"on", b"e", b"\0tw", b"o\0"), (b"one", b"\0", b"two\0thr")],
)
def test_messages_end_with_a_nul(pipe: DevToolsPipe, pieces: tuple[bytes, ...]) -> None:
    """However they are cut into pieces; one that is not whole is waited for."""
    found = []
    for piece in pieces:
        os.write(pipe.browser_out, piece)
        while (message := pipe.receive(0.0)) is not None:
            found.append(message)
    assert found == [b"one", b"two"]


def test_a_message_that_is_too_long(pipe: DevToolsPipe) -> None:
    """It is passed over without being kept, and the next one is read."""

    def write() -> None:
        for _ in range(LONGEST_MESSAGE // 65536 + 2):
            os.write(pipe.browser_out, b"x" * 65536)
        os.write(pipe.browser_out, b"\0next\0")

    writer = threading.Thread(target=write)
    writer.start()
    assert pipe.receive(60.0) == b"next"
    writer.join()


def test_a_command_longer_than_the_pipe_holds(pipe: DevToolsPipe) -> None:
    """It is sent whole."""
    command = b"x" * 300_000
    writer = threading.Thread(target=pipe.send, args=(command,))
    writer.start()
    read = b""
    while not read.endswith(b"\0"):
        read += os.read(pipe.browser_in, 65536)
    writer.join()
    assert read == command + b"\0"


def test_a_browser_that_has_ended() -> None:
    """Whoever reads or sends is told, once what it said before has been read."""
    pipe = DevToolsPipe()
    os.write(pipe.browser_out, b"last\0")
    pipe.started()
    assert pipe.receive(0.0) == b"last"
    with pytest.raises(LaunchError, match="has ended"):
        pipe.receive(0.0)
    with pytest.raises(LaunchError, match="has ended"):
        pipe.send(b"{}")
    pipe.close()
