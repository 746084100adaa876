"""A DevTools connection to a whole browser: every page, frame and worker of it, present and future.

Each of these is a target, and each has a session of its own. What is enabled in a session is sent
while its target waits, so that nothing that happens in it is missed. Nothing is evaluated in a
target that waits: in a worker, that can crash the process it is in.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

import msgspec

LEFT_OUT: Final = frozenset({"browser", "browser_ui", "tab"})
"""Types of targets that are never attached to: no page of theirs is the user's."""

MOST_TARGETS: Final = 4096
"""How many targets are remembered; of more, events come without their target."""

MOST_UNDER_WAY: Final = 4096
"""How many commands may wait for their result; a target that goes away may never give it."""

Parameters = Mapping[str, Any]


class Transport(Protocol):
    """What carries the messages: a pipe, or a WebSocket."""

    def send(self, message: bytes) -> None:
        """Send one message. Raises ``LaunchError`` if the browser is gone."""

    def receive(self, timeout: float) -> bytes | None:
        """Return the next message; None if none has come within so many seconds.

        Raises ``LaunchError`` if the browser is gone.
        """


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A page, frame or worker that is attached to."""

    session_id: str
    target_id: str
    type: str
    """``page``, ``iframe``, ``worker``, ``service_worker`` or another name of Chromium's."""
    url: str
    """Where it was when it was attached to; as the browser says it."""
    waits: bool
    """Whether it was new, and waited for what is enabled in it."""


class Command(msgspec.Struct, frozen=True):
    """One command of the protocol, such as ``Network.enable``."""

    method: str
    parameters: Parameters = {}


Event = Callable[[Target | None, str, Parameters], None]
"""Called with the target that an event is of, its method, and its parameters."""


class _Message(msgspec.Struct, gc=False):
    id: int | None = None
    method: str | None = None
    params: dict[str, Any] = {}
    sessionId: str | None = None  # noqa: N815 (Chromium's name)
    result: dict[str, Any] = {}
    error: dict[str, Any] | None = None


_messages = msgspec.json.Decoder(_Message)


class Targets:
    """Attaches to every target of one browser, and hands out what happens in them.

    Everything happens on the thread that calls ``attach`` and ``read``. These, and ``send``, raise
    ``LaunchError`` once the browser is gone.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        enabled: Callable[[Target], Iterable[Command]],
        event: Event,
        left_out: frozenset[str] = LEFT_OUT,
    ) -> None:
        """``enabled`` returns what to send to a new target before it runs; ``event`` gets events.

        Targets of the types in ``left_out`` are never touched.
        """
        self._transport = transport
        self._enabled = enabled
        self._event = event
        self._auto_attach = Command(
            "Target.setAutoAttach",
            {
                "autoAttach": True,
                "waitForDebuggerOnStart": True,
                "flatten": True,
                "filter": [{"type": each, "exclude": True} for each in sorted(left_out)] + [{}],
            },
        )
        self._number = 0
        self._results: OrderedDict[int, Callable[[Parameters | None], None]] = OrderedDict()
        self._targets: dict[str, Target] = {}
        """By session."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets that exist now."""
        return tuple(self._targets.values())

    def attach(self) -> None:
        """Attach to every target that there is, and to each that will be."""
        self.send(self._auto_attach)

    def send(
        self,
        command: Command,
        target: Target | None = None,
        then: Callable[[Parameters | None], None] | None = None,
    ) -> None:
        """Send one command to a target, or to the browser; ``then`` gets its result.

        The result is None if the browser refused the command. Commands to one target are carried
        out in their order.
        """
        self._number += 1
        message: dict[str, Any] = {
            "id": self._number,
            "method": command.method,
            "params": command.parameters,
        }
        if target is not None:
            message["sessionId"] = target.session_id
        if then is not None:
            self._results[self._number] = then
            if len(self._results) > MOST_UNDER_WAY:
                self._results.popitem(last=False)
        self._transport.send(msgspec.json.encode(message))

    def read(self, timeout: float) -> bool:
        """Take the next message; return False if none has come within so many seconds."""
        data = self._transport.receive(timeout)
        if data is None:
            return False
        try:
            message = _messages.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return True  # nothing that we know
        if message.id is not None:
            then = self._results.pop(message.id, None)
            if then is not None:
                then(None if message.error is not None else message.result)
        elif message.method == "Target.attachedToTarget":
            self._attached(message)
        elif message.method == "Target.detachedFromTarget":
            gone = self._targets.pop(str(message.params.get("sessionId")), None)
            self._event(gone, message.method, message.params)
        elif message.method is not None:
            target = None if message.sessionId is None else self._targets.get(message.sessionId)
            self._event(target, message.method, message.params)
        return True

    def _attached(self, message: _Message) -> None:
        params = message.params
        info = params.get("targetInfo")
        session = params.get("sessionId")
        if not isinstance(info, dict) or not isinstance(session, str):
            return
        target = Target(
            session_id=session,
            target_id=str(info.get("targetId", "")),
            type=str(info.get("type", "")),
            url=str(info.get("url", "")),
            waits=params.get("waitingForDebugger") is True,
        )
        if len(self._targets) < MOST_TARGETS:
            self._targets[session] = target
        # Its own children are attached to from within it.
        self.send(self._auto_attach, target)
        for command in self._enabled(target):
            self.send(command, target)
        if target.waits:
            self.send(Command("Runtime.runIfWaitingForDebugger"), target)
        self._event(target, "Target.attachedToTarget", params)
