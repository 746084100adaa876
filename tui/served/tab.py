"""One browser tab: a process of the screen, whose keys and cells go through a WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import Final

import msgspec
from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from cookietrace.safe_text import safe
from cookietrace.supervision.child import module_command, module_environment
from cookietrace.supervision.lifeline import Lifeline

QUIT_PATIENCE: Final = 5.0
"""Seconds that a process gets to end after it was asked to, and again after each more force."""

MOST_BYTES: Final = 1 << 20
"""The longest message that a page may send: a pasted text, for instance."""

_MOST_CELLS: Final = 1000
"""The widest and the highest terminal that a page may ask for."""

_LARGEST_PACKET: Final = 16 << 20
"""More bytes than any picture of the screen takes."""

_BEGINNING: Final = b"__GANGLION__\n"
"""The line with which Textual's web driver begins."""

_ERROR_BYTES: Final = 4096
"""How much of the end of its stderr is kept of a process."""

_REASON_BYTES: Final = 120
"""The longest reason that a closing WebSocket can carry, and a little less."""


class CloseCode:
    """Why the server closes a WebSocket. ``page/terminal.js`` has a sentence for each."""

    ENDED: Final = 1000
    GOING_AWAY: Final = 1001
    BAD_MESSAGE: Final = 4400
    NO_TOKEN: Final = 4401
    TOO_MANY: Final = 4429
    FAILED: Final = 4500


class End(msgspec.Struct, frozen=True):
    """How a tab ended: the code with which to close the WebSocket, and one line."""

    code: int
    reason: str = ""


class BadMessageError(Exception):
    """A page sent something that ours never sends."""


class Size(msgspec.Struct, frozen=True):
    """The size of a terminal in cells."""

    width: int
    height: int


def size_of(width: object, height: object) -> Size:
    """Return a size that a page asks for. Raises ``BadMessageError`` if it is not possible."""
    possible = range(1, _MOST_CELLS + 1)
    if type(width) is int and type(height) is int and width in possible and height in possible:
        return Size(width, height)
    raise BadMessageError


def line_for_closing(line: str) -> str:
    """Return the beginning of a line that fits into the reason of a closing WebSocket."""
    encoded = safe(line).encode("utf-8", "replace")
    return encoded[:_REASON_BYTES].decode("utf-8", "ignore")


class Tab(AppService):
    """The process of one tab. It ends with the tab, and with the process that started it.

    Of textual-serve this takes the packets between driver and server. What its pages can do
    beyond keys and cells is off: no download, no address that the screen opens in the browser.
    """

    def __init__(self, arguments: Sequence[str], socket: web.WebSocketResponse) -> None:
        """``arguments`` are those of ``python -m tui``."""
        super().__init__(
            "",
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=self._nothing,
            download_manager=DownloadManager(),
        )
        self._arguments = list(arguments)
        self._socket = socket
        self._lifeline: Lifeline | None = None
        self._errors = b""
        self._draws = False
        self.ending = False
        """True once the page has gone or the process has ended."""

    @property
    def pid(self) -> int | None:
        """The id of the process; None before the start."""
        return None if self._process is None else self._process.pid

    async def serve(self, size: Size) -> End:
        """Run the screen until it ends or the page goes; afterwards no process is left.

        The caller closes the WebSocket.
        """
        taking = None
        try:
            try:
                await self.start(size.width, size.height)
            except OSError as error:
                return End(CloseCode.FAILED, f"cannot start the screen: {error.strerror}")
            taking = asyncio.create_task(self._take_input())
            assert self._task is not None
            await asyncio.wait({taking, self._task}, return_when=asyncio.FIRST_COMPLETED)
            if taking.done() and taking.exception() is not None:
                return End(CloseCode.BAD_MESSAGE, "the page sent something that it never sends")
            return await self._end() if self._task.done() else End(CloseCode.ENDED)
        finally:
            self.ending = True
            if taking is not None:
                taking.cancel()
                with contextlib.suppress(asyncio.CancelledError, BadMessageError):
                    await taking
            await self.stop()

    async def stop(self) -> None:
        """Ask the process to quit, then end it with more and more force."""
        process, lifeline = self._process, self._lifeline
        if process is None or lifeline is None:
            return
        if self._draws:
            with contextlib.suppress(
                asyncio.TimeoutError
            ):  # what it has not read may be in the way
                await asyncio.wait_for(self.send_meta({"type": "quit"}), QUIT_PATIENCE)
        elif process.returncode is None:
            process.terminate()  # it is still loading, and has nothing to finish
        for force in (process.terminate, lifeline.cut, process.kill):
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), QUIT_PATIENCE)
                break
            with contextlib.suppress(ProcessLookupError):
                force()
        await process.wait()
        lifeline.cut()
        if self._task is not None:
            await self._task

    # What textual-serve does otherwise ----------------------------------------------------

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        """Return the environment of the process, which draws through Textual's web driver."""
        wanted = super()._build_environment(width, height)
        ours = {name: wanted[name] for name in wanted if os.environ.get(name) != wanted[name]}
        return {**module_environment(), **ours}

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start the process under a tether, with its arguments on the lifeline."""
        lifeline = self._lifeline = Lifeline()
        try:
            process = await asyncio.create_subprocess_exec(
                *module_command("cookietrace.supervision.tether", [str(lifeline.child_fd), "tui"]),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=self._build_environment(width, height),
                pass_fds=(lifeline.child_fd,),
                start_new_session=True,
            )
        except BaseException:
            lifeline.cut()
            raise
        lifeline.started()
        assert process.stdin is not None
        self._process, self._stdin = process, process.stdin
        with contextlib.suppress(OSError):  # if it has ended, its status says so
            os.write(lifeline.parent_fd, msgspec.json.encode(self._arguments) + b"\n")
        return process

    async def run(self) -> None:
        """Send what the process draws to the page until it ends; ``start`` calls this."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        assert process.stderr is not None
        errors = asyncio.create_task(self._keep_errors(process.stderr))
        try:
            await self._relay(process.stdout)
        except asyncio.IncompleteReadError:
            pass
        finally:
            await process.wait()
            await errors

    async def on_meta(self, data: bytes) -> None:
        """Do nothing: the end of the process says that it has ended, and the rest is off."""

    async def on_packed(self, payload: bytes) -> None:
        """Do nothing: nothing is delivered."""

    # --------------------------------------------------------------------------------------

    async def _relay(self, stdout: asyncio.StreamReader) -> None:
        """Pass on what is drawn. Once the page is gone, read on so that the process can end."""
        while await stdout.readline() != _BEGINNING:
            if stdout.at_eof():
                return
        self._draws = there = True
        while True:
            head = await stdout.readexactly(5)
            length = int.from_bytes(head[1:], "big")
            if length > _LARGEST_PACKET:
                return
            payload = await stdout.readexactly(length)
            if head[:1] == b"D" and there:
                try:
                    await self.on_data(payload)
                except (ConnectionError, RuntimeError):
                    there = False

    async def _keep_errors(self, stderr: asyncio.StreamReader) -> None:
        """Keep the end of what the process writes to stderr."""
        while piece := await stderr.read(_ERROR_BYTES):
            self._errors = (self._errors + piece)[-_ERROR_BYTES:]

    async def _end(self) -> End:
        """Return how a process ended that was not asked to."""
        assert self._process is not None
        if await self._process.wait() == 0:
            return End(CloseCode.ENDED)
        lines = self._errors.decode("utf-8", "replace").split("\n")
        line = next((line for line in reversed(lines) if line.strip()), "the screen has ended")
        return End(CloseCode.FAILED, line.strip().removeprefix("cookietrace: "))

    async def _take_input(self) -> None:
        """Pass on keys and sizes until the page goes. Raises ``BadMessageError``."""
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                raise BadMessageError
            try:
                match msgspec.json.decode(message.data):
                    case ["stdin", str(keys)]:
                        await self.send_bytes(keys.encode("utf-8", "replace"))
                    case ["resize", {"width": width, "height": height}]:
                        size = size_of(width, height)
                        await self.set_terminal_size(size.width, size.height)
                    case ["focus"]:
                        await self.focus()
                    case ["blur"]:
                        await self.blur()
                    case ["ping", _]:
                        pass  # the heartbeat is the server's
                    case _:
                        raise BadMessageError
            except msgspec.DecodeError:
                raise BadMessageError from None

    async def _nothing(self) -> None:
        """Stand in for what is never called."""
