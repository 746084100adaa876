"""The protocol of the pipes between the processes: one JSON object per line.

Reports go from a child (the proxy, the demo app, a browser's keeper) to its parent, which
forwards the proxy's to the screen. Commands go to the proxy, from any process that holds
its command pipe. A reader skips lines that it cannot read and fields that it does not know.
"""

from __future__ import annotations

import select
from collections import OrderedDict
from typing import Final, Literal

import msgspec

from cookietrace.errors import FormatError
from cookietrace.events import Browser, Listener, decode, encode

UPSTREAM_VARIABLE = "COOKIETRACE_UPSTREAM"
"""The environment variable with the URL of the proxy behind ours, and with its login if needed.

Only the proxy gets it: other users can read the arguments of a process, but not its environment.
"""

PROFILE_PREFIX = "cookietrace-browser-"
"""How the name of the folder begins that is the profile of a browser which a recorder opened."""


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A child's report; only the fields that belong to its type are set."""

    type: str
    """``started``, ``listening``, ``refused``, ``session``, ``edited``, ``trouble``, ``recovered``,
    ``warning``, ``notice``, ``attached``, ``published``, ``served`` or ``stopped``."""
    listeners: tuple[Listener, ...] = ()
    """``listening``: all listeners that the proxy has now."""
    ca: str | None = None
    """``listening``: the path of the proxy's CA certificate."""
    url: str | None = None
    """``listening``: where the demo app listens."""
    message: str | None = None
    """``refused``, ``trouble``, ``recovered``, ``stopped``: one line for the user;
    ``warning``: one line about the proxy while recording works, None once that is over;
    ``notice``: what the user should know about this recording, though nothing is wrong;
    ``attached``: why nothing, or not all, of what that browser does is heard, None if all is;
    ``published``: where, and how many of the recorded events;
    ``started``: the browser's profile folder; ``session`` and ``edited``: why the command
    changed nothing, None if it did."""
    label: str | None = None
    """``refused``: the label of the command that was refused; ``attached``: what texts call the
    browser that is listened to."""
    requests: int | None = None
    """``served``: how many requests the demo app received."""
    missing: int | None = None
    """``stopped``: how many exchanges are missing in the capture, or a part of them; None if it is
    complete."""
    lost: str | None = None
    """``stopped``: the same in one line, with from when to when, and why."""


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command to the proxy; only the fields that belong to its type are set."""

    type: Literal["listen", "session", "browser", "edit"]
    mode: str = ""
    """``listen``: the listener to open, as mitmproxy writes it, e.g. ``regular@127.0.0.1:0``."""
    label: str | None = None
    """``listen``: names the browser that will use the listener; repeated in the report that
    follows."""
    client_id: str = ""
    """``session``: the client from which a fresh browser takes over."""
    host: str = ""
    """``edit``: the host whose cookies are changed, one that the user named at the start."""
    responses: tuple[str, ...] = ()
    """``edit``: what is changed of its responses from now on, as ``HandEdit.parse`` reads it."""
    requests: tuple[str, ...] = ()
    """``edit``: the same of requests to it."""
    sender: str = ""
    """``browser``: who sends it, an opaque name."""
    piece: bytes = b""
    """``browser``: a piece of the JSON of a ``browser`` event. Several processes write to the pipe,
    and only short lines cannot get mixed up."""
    more: bool = False
    """``browser``: whether the next line of this sender has the next piece."""


_encoder = msgspec.json.Encoder()
_reports = msgspec.json.Decoder(Report)
_commands = msgspec.json.Decoder(Command)


def encode_line(message: Report | Command) -> bytes:
    """Return a message as a line of JSON, with the newline."""
    return _encoder.encode(message) + b"\n"


def decode_report(line: bytes) -> Report | None:
    """Return the report in a line, None if it is not a valid report."""
    try:
        return _reports.decode(line)
    except msgspec.DecodeError:
        return None


def decode_command(line: bytes) -> Command | None:
    """Return the command in a line, None if it is not a known command."""
    try:
        return _commands.decode(line)
    except msgspec.DecodeError:
        return None


LONGEST_SAID: Final = 4 * 1024 * 1024
"""The most bytes of a ``browser`` event: a longer one is not taken."""

_MOST_SENDERS = 64

_PIECE = (select.PIPE_BUF - 160) // 4 * 3
"""The most bytes of a piece: written as Base64, it and the rest fit into one line."""


def browser_commands(event: Browser, sender: str) -> list[bytes]:
    """Return the lines that carry an event to the proxy, each short enough to be written whole."""
    whole = encode(event)
    starts = range(0, len(whole), _PIECE)
    return [
        encode_line(
            Command(
                type="browser",
                sender=sender,
                piece=whole[start : start + _PIECE],
                more=start + _PIECE < len(whole),
            )
        )
        for start in starts
    ]


class BrowserPieces:
    """Joins the pieces of ``browser`` commands, of several senders at once."""

    def __init__(self) -> None:
        self._pieces: OrderedDict[str, bytearray] = OrderedDict()

    def take(self, command: Command) -> Browser | None:
        """Return the event that a command completes, if it does and the event is a valid one."""
        so_far = self._pieces.pop(command.sender, bytearray())
        if len(so_far) <= LONGEST_SAID:
            so_far += command.piece
        if command.more:
            self._pieces[command.sender] = so_far
            if len(self._pieces) > _MOST_SENDERS:
                self._pieces.popitem(last=False)
            return None
        if len(so_far) > LONGEST_SAID:
            return None
        try:
            event = decode(bytes(so_far))
        except FormatError:
            return None
        return event if isinstance(event, Browser) else None
