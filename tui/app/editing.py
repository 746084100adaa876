"""``E``: changes a cookie on the wire, while recording, towards a host that was named at the start.

The proxy decides whether a host was named. The screen asks for no other, and says at once how to
name it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Final

import msgspec

from cookietrace.edits import HandEdit, host_and_port, named_host, plain_host
from cookietrace.errors import LaunchError
from cookietrace.fold.exchange import RequestPart
from cookietrace.lesson.display_text import authority, quoted, shown
from cookietrace.lesson.what_if import offers, subjects
from cookietrace.protocol import Report
from tui.app.host import Host
from tui.dialogs.menu import MenuDialog, MenuItem
from tui.dialogs.what_if import TypedDialog
from tui.feed.proxy_pipes import Commands
from tui.state.story import Story

NOT_NOW: Final = "To change cookies on the wire, record with this screen and --edit HOST."

_LETTERS = "123456789abcdefghijklmnopqrstuvwxyz"


class _Changes(msgspec.Struct, frozen=True):
    """What is changed towards one host, as ``HandEdit.parse`` reads it, by cookie."""

    host: str
    responses: tuple[tuple[str, str], ...] = ()
    requests: tuple[tuple[str, str], ...] = ()

    def texts(self, of: str) -> tuple[str, ...]:
        """Return the changes of responses, or of requests."""
        return tuple(text for _, text in (self.responses if of == "response" else self.requests))

    def with_edit(self, edit: HandEdit, text: str) -> _Changes:
        """Return the changes with one more, instead of that of the same cookie."""
        field = "responses" if edit.of == "response" else "requests"
        others = [each for each in getattr(self, field) if each[0] != edit.name]
        return msgspec.structs.replace(self, **{field: (*others, (edit.name, text))})


class Editing:
    """Asks what to change, and tells the proxy."""

    def __init__(
        self, host: Host, story: Story, commands: Commands | None, named: Sequence[str] = ()
    ) -> None:
        """``named`` are the hosts that the user named with ``--edit``."""
        self._host = host
        self._story = story
        self._commands = commands
        self._named = frozenset(map(plain_host, named))
        self._now: dict[str, _Changes] = {}
        self._asked: _Changes | None = None
        """What the proxy was asked for, until it reports."""

    def choose(self) -> None:
        """Ask which cookie of the selected step, and what to change of it."""
        story = self._story
        exchange = story.exchange
        if self._commands is None or not story.recording.open or exchange is None:
            self._host.notify(NOT_NOW, timeout=6)
            return
        host = named_of(self._named, exchange.request)
        if host is None:
            asked = authority(exchange.request.target)
            text = f"Nothing is changed towards {asked}: start again with --edit {asked}."
            self._host.notify(text, severity="warning", timeout=8)
            return
        changes = self._now.get(host, _Changes(host))
        names = subjects(story.table, story.step)
        if len(names) < 2:
            self._ask(changes, story.step, names[0] if names else None)
            return
        by_key = dict(zip(_LETTERS, names, strict=False))
        step = story.step

        def chosen(key: str | None) -> None:
            if key is not None:
                self._ask(changes, step, by_key[key])

        items = [MenuItem(key, quoted(name), "") for key, name in by_key.items()]
        self._host.ask(MenuDialog("Change on the wire: which cookie?", items), chosen)

    def _ask(self, changes: _Changes, step: int, name: str | None) -> None:
        """Ask what to change, from now on."""
        lines: dict[str, str] = {}
        items: list[MenuItem] = []
        if name is not None:
            for offer in offers(self._story.table, step, name):
                if offer.scenario is not None and offer.scenario.changes:
                    lines[offer.key] = offer.scenario.changes[0].text
                    items.append(MenuItem(offer.key, offer.name, "in responses that set it"))
            items.append(MenuItem("r", "left out of requests", "the app does not get it"))
            items.append(MenuItem("v", "another value…", "in requests"))
        items.append(MenuItem("e", "type it…", "a Set-Cookie line of this host"))
        if changes.responses or changes.requests:
            count = len(changes.responses) + len(changes.requests)
            items.append(MenuItem("0", "change nothing any more", f"{count} so far"))

        def chosen(key: str | None) -> None:
            if key == "0":
                self._send(_Changes(changes.host))
            elif key == "r" and name is not None:
                self._take(changes, f"-{name}", "request")
            elif key == "v" and name is not None:
                self._type(changes, f"{name}=", "the value that the app gets", "request")
            elif key == "e":
                self._type(changes, "", "sid: SameSite=None; Secure, or -sid", "response")
            elif key is not None:
                self._take(changes, lines[key], "response")

        host = shown(changes.host)
        self._host.ask(MenuDialog(f"From now on, towards {host}", items), chosen)

    def _type(self, changes: _Changes, before: str, example: str, of: str) -> None:
        def typed(text: str | None) -> None:
            if text is not None:
                self._take(changes, f"{before}{text}", of)

        check: Callable[[str], object] = lambda text: _edit(f"{before}{text}", of)  # noqa: E731
        self._host.ask(TypedDialog(example, check, heading="Change on the wire"), typed)

    def _take(self, changes: _Changes, text: str, of: str) -> None:
        self._send(changes.with_edit(_edit(text, of), text))

    def _send(self, changes: _Changes) -> None:
        if self._commands is None:
            return
        try:
            self._commands.edit(changes.host, changes.texts("response"), changes.texts("request"))
        except LaunchError as error:
            self._host.notify(str(error), severity="warning", timeout=6)
        else:
            self._asked = changes

    def reported(self, report: Report) -> None:
        """Say whether the proxy changes what it was asked to."""
        if report.type != "edited":
            return
        asked, self._asked = self._asked, None
        if report.message is not None:
            self._host.notify(f"Not changed: {report.message}.", severity="warning", timeout=8)
        elif asked is not None:
            self._now[asked.host] = asked
            several = len(asked.responses) + len(asked.requests)
            what = "Nothing is changed any more" if not several else "Changed from now on, by hand"
            self._host.notify(f"{what}: {shown(asked.host)}.", timeout=5)


def named_of(named: Container[str], part: RequestPart) -> str | None:
    """Return the named host that a request goes to, as the proxy finds it; None if it is none.

    The app behind a reverse listener has two names: its own, and the one in the address bar.
    """
    own = (part.upstream or "").partition("://")[2]
    target = part.target
    places = (host_and_port(own), (plain_host(target.host or target.raw_host), target.port))
    found = (named_host(named, *place) for place in places)
    return next((name for name in found if name is not None), None)


def _edit(text: str, of: str) -> HandEdit:
    return HandEdit.parse(text, "response" if of == "response" else "request")
