"""``B``: from here on, a client's requests are those of a fresh browser with an empty jar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cookietrace.errors import LaunchError
from cookietrace.lesson.new_sessions import REPLAYED, begins_client, is_replayed
from cookietrace.protocol import Report
from cookietrace.trace import Trace
from tui.app.host import Host
from tui.app.stepping import Stepping
from tui.app.updates import Updates
from tui.feed.proxy_pipes import Commands
from tui.state.story import Story

NO_CLIENT: Final = "There is no client yet: a browser begins with an empty jar anyway."


class FreshBrowsers:
    """Asks the recorder to mark a fresh browser from now on; marks one in this view otherwise."""

    def __init__(
        self,
        host: Host,
        story: Story,
        stepping: Stepping,
        updates: Updates,
        commands: Commands | None,
        refold: Callable[[frozenset[str]], None],
    ) -> None:
        """``refold`` reads the capture again, with fresh browsers from these exchanges on.

        ``refolded`` is called with the result.
        """
        self._host = host
        self._story = story
        self._stepping = stepping
        self._updates = updates
        self._commands = commands
        self._refold = refold
        self._asked = ""
        """The exchange that the user last asked about; empty if none is waited for."""

    def begin(self) -> None:
        """Begin a fresh browser instead of the selected step's client, or the chosen one."""
        client_id = self._story.client_id
        if client_id is None:
            self._say(NO_CLIENT)
        elif self._commands is not None and self._story.recording.open:
            try:
                self._commands.session(client_id)
            except LaunchError as error:
                self._warn(str(error))
        else:
            self._begin_here(client_id)

    def reported(self, report: Report) -> None:
        """Say whether the recorder marked a fresh browser."""
        if report.type != "session":
            return
        if report.message is not None:
            self._warn(f"No fresh browser: {report.message}.")
        else:
            self._say("Recorded: from now on, this client is a fresh browser with an empty jar.")

    def _begin_here(self, client_id: str) -> None:
        """Begin one in this view, from the selected step on; or undo that."""
        story, trace = self._story, self._story.trace
        if self._asked:
            return
        here = story.exchange.number if story.exchange is not None else 1
        who = f"Client {trace.client(client_id).ordinal}"
        first = next(
            (each for each in trace.exchanges[here - 1 :] if each.request.client_id == client_id),
            None,
        )
        if is_replayed(trace.capture):
            self._warn(f"No fresh browser: {REPLAYED}.")
        elif first is None:
            self._say(f"{who} makes no request from this step on.")
        elif first.exchange_id in story.begun or not begins_client(trace, first.exchange_id):
            self._asked = first.exchange_id
            self._refold(story.begun ^ {first.exchange_id})
        else:
            self._say(f"{who} makes its first request here: its jar is empty anyway.")

    def refolded(self, trace: Trace, begun: frozenset[str]) -> None:
        """Show the capture as it was read again."""
        story, asked = self._story, self._asked
        self._asked = ""
        story.set_trace(trace, begun)
        steps = story.table.steps_of(asked)
        if steps:
            self._stepping.go_to(steps[0])
        self._updates.table_replaced()
        client = trace.client(trace.exchange(asked).request.client_id)
        if asked in begun:
            self._say(
                f"From this request on, client {client.ordinal} is a fresh browser with an empty "
                "jar, in this view only. B here again takes it back."
            )
        else:
            self._say(f"Taken back: this request is client {client.ordinal}'s again.")

    def _say(self, line: str) -> None:
        self._host.notify(line, timeout=8)

    def _warn(self, line: str) -> None:
        self._host.notify(line, severity="warning", timeout=8)
