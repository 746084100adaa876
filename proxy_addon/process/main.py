"""The proxy as a process of its own: start, commands, reports and stop."""

# mypy: allow-untyped-calls
# (mitmproxy's masters, options and addon manager have no annotations)

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import msgspec
from mitmproxy import exceptions
from mitmproxy.master import Master
from mitmproxy.proxy.mode_specs import ProxyMode

from cookietrace.ca import ca_certificate
from cookietrace.edits import HandEdit
from cookietrace.errors import CookietraceError, LaunchError
from cookietrace.events import Listener
from cookietrace.jar_files import read_jar
from cookietrace.protocol import BrowserPieces, Command
from cookietrace.safe_text import safe
from cookietrace.scope import DEMO_HOSTS, LOOPBACK, Scope
from cookietrace.stores import delete_if_bare, has_content, open_or_create
from cookietrace.witness.shared_secret import shared_secret
from proxy_addon.hooks.clients import Clients
from proxy_addon.hooks.editing import Editing
from proxy_addon.hooks.listeners import Listeners, moved, not_opened, parse_mode, ports_of
from proxy_addon.hooks.recorder import FlowRecorder
from proxy_addon.hooks.routes import Routes
from proxy_addon.journal.journal import Journal
from proxy_addon.process.arguments import Arguments, parse_arguments
from proxy_addon.process.authority import require_ca
from proxy_addon.process.descriptors import Descriptors, raise_limit
from proxy_addon.process.ending import end, proxyserver_of
from proxy_addon.process.logs import log_warnings_only
from proxy_addon.process.master import build_master
from proxy_addon.process.reports import Commands, Reports
from proxy_addon.process.upstream import parse_upstream

END_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""What stops the proxy, besides the end of its lifeline."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the proxy until it is asked to stop; return the exit status."""
    arguments = parse_arguments(argv)
    # Until something stops it cleanly: killed now, it would leave an empty capture behind.
    signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
    reports = Reports(arguments.reports_fd)
    raise_limit()
    try:
        asyncio.run(_Process(arguments, reports).run())
    except _Interrupted:
        reports.stopped()
        return 0
    except CookietraceError as error:
        reports.stopped(str(error))
        return error.exit_status
    except Exception as error:
        reports.stopped(f"internal error ({type(error).__name__}): please report it")
        raise
    reports.stopped()
    return 0


class _Interrupted(BaseException):
    """A signal asked the proxy to stop before it could listen."""


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let the signals that stop the proxy raise ``_Interrupted`` in this block."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise _Interrupted

    for number in END_SIGNALS:
        signal.signal(number, interrupt)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, END_SIGNALS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)


class _Threads(ThreadPoolExecutor):
    """Threads that the end of the event loop does not wait for.

    They look up the names of hosts, which takes half a minute if no name server responds.
    """

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Accept no more work."""
        del wait
        super().shutdown(wait=False, cancel_futures=cancel_futures)


class _Process:
    """One run of the proxy."""

    def __init__(self, arguments: Arguments, reports: Reports) -> None:
        self._arguments = arguments
        self._reports = reports
        self._descriptors = Descriptors(reports)
        log_warnings_only(self._descriptors.explain)
        self._listeners = Listeners()
        self._ports = ports_of(arguments.modes)
        self._movable: set[str] = set()
        """Those of the modes that get the next free port if theirs is in use."""
        self._has_listened = False
        self._ca = str(ca_certificate(arguments.confdir))
        self._upstream: str | None = None
        self._upstream_login: str | None = None
        if arguments.upstream is not None:
            self._upstream, self._upstream_login = parse_upstream(arguments.upstream)
        self._said = BrowserPieces()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners_lock = asyncio.Lock()
        """Held while listeners change."""

    async def run(self) -> None:
        """Run until asked to stop; raises ``CookietraceError`` if it cannot start."""
        arguments = self._arguments
        asyncio.get_running_loop().set_default_executor(_Threads())
        for mode in arguments.modes:
            movable = mode in arguments.movable
            full, listener = parse_mode(
                mode, self._upstream, others=self._ports if movable else None
            )
            self._add_port(listener)
            self._listeners.add(full, listener)
            if movable:
                self._movable.add(full)
        secret = shared_secret()
        require_ca(arguments.confdir)
        scope = self._scope()
        is_new = not has_content(arguments.capture)
        store = open_or_create(arguments.capture, sensitive=arguments.demo_app is None)
        try:
            with _interruptible():  # a large capture takes seconds
                clients = Clients.of_capture(store)
            if arguments.start_from is not None:
                # What is left out of it was said by the process that started this one.
                known = read_jar(arguments.start_from, time.time(), lambda _: None)
                clients.start_from(known)
            recorder = FlowRecorder(
                Journal(store, self._reports),
                clients,
                self._listeners,
                secret=secret,
                scope=scope,
                body_limit=arguments.body_limit,
            )
            await self._serve(recorder, secret, scope, self._editing(recorder))
        except LaunchError:
            store.close()
            if is_new and not self._has_listened:
                delete_if_bare(arguments.capture)
            raise
        finally:
            store.close()

    def _scope(self) -> Scope:
        """Return which hosts are recorded.

        The demo's capture is marked as not sensitive, so by default the demo records
        only its own hosts and this machine. The app behind a reverse listener is
        always recorded.
        """
        only = list(self._arguments.only)
        if self._arguments.demo_app is not None and not only:
            only = [*sorted(DEMO_HOSTS), *LOOPBACK]
        scope = Scope(only, self._arguments.ignore, self._arguments.own)
        if only:
            for listener in self._listeners.all():
                if listener.mode == "reverse" and listener.target:
                    scope.allow(listener.target)
        return scope

    def _editing(self, recorder: FlowRecorder) -> Editing | None:
        """Return what is changed on the wire; None if the user named no host for that."""
        arguments = self._arguments
        if not arguments.edit:
            return None
        edits = [HandEdit.parse(text, "response") for text in arguments.edit_responses]
        edits += [HandEdit.parse(text, "request") for text in arguments.edit_requests]
        return Editing(recorder.journal, recorder.exchange_of, arguments.edit, edits)

    async def _serve(
        self, recorder: FlowRecorder, secret: str, scope: Scope, editing: Editing | None
    ) -> None:
        """Run mitmproxy."""
        demo_app = self._arguments.demo_app
        master = build_master(
            recorder,
            secret,
            modes=self._listeners.modes(),
            scope=scope,
            confdir=self._arguments.confdir,
            upstream_login=self._upstream_login,
            routes=Routes(demo_app) if demo_app is not None else None,
            editing=editing,
        )
        master.addons.add(self._descriptors)
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in END_SIGNALS:
            loop.add_signal_handler(number, stopping.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, END_SIGNALS)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        starting = asyncio.create_task(self._report_start(master, recorder))
        running = asyncio.create_task(master.run())
        asked = asyncio.create_task(stopping.wait())
        commands = None
        try:
            await asyncio.wait({starting, running, asked}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                if self._arguments.commands_fd is not None:
                    commands = Commands(
                        self._arguments.commands_fd,
                        lambda command: self._start_command(command, master, recorder, editing),
                        stopping.set,
                    )
                    commands.start()
                await asyncio.wait({running, asked}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
        finally:
            if commands is not None:
                commands.stop()
            for task in (starting, asked, *self._tasks):
                task.cancel()
            await end(master, recorder, running)
            signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)  # it ends anyway, with status 0

    async def _report_start(self, master: Master, recorder: FlowRecorder) -> None:
        """Wait for the listeners, and report them."""
        await self._open(master, self._listeners.modes())
        self._has_listened = True
        recorder.started()
        self._reports.listening(self._listeners.all(), self._ca)

    async def _open(self, master: Master, modes: list[str]) -> None:
        """Wait until mitmproxy listens at these modes; raises ``LaunchError`` if it cannot.

        Their ports were free before, but another process can be quicker.
        """
        servers = proxyserver_of(master).servers
        waiting = list(modes)
        while waiting:
            # Waits for the update in progress; then nothing is left to do.
            await servers.update([ProxyMode.parse(mode) for mode in self._listeners.modes()])
            moves = []
            for mode in waiting:
                server, listener = servers[mode], self._listeners.at(mode)
                if server.is_running:
                    continue
                error = server.last_exception
                in_use = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
                if mode not in self._movable or not in_use:
                    raise not_opened(listener, error)
                other, listener = moved(listener, self._ports)
                self._add_port(listener)
                self._listeners.replace(mode, other, listener)
                self._movable.add(other)
                moves.append(other)
            if moves:
                master.options.update(mode=self._listeners.modes())
            waiting = moves

    def _add_port(self, listener: Listener) -> None:
        """Keep the port of a listener that is not open yet from the next one."""
        self._ports |= {int(listener.address.rpartition(":")[2])}

    def _start_command(
        self, command: Command, master: Master, recorder: FlowRecorder, editing: Editing | None
    ) -> None:
        """Carry out a command; what takes time, in a task of its own."""
        if command.type == "edit":
            self._edit(command, editing)
            return
        if command.type == "session":
            self._fresh_browser(command.client_id, recorder)
            return
        if command.type == "browser":
            said = self._said.take(command)
            if said is not None:
                recorder.browser_said(said)
            return
        task = asyncio.create_task(self._listen(command, master, recorder))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _edit(self, command: Command, editing: Editing | None) -> None:
        """Change other cookies towards a host from now on, and report it."""
        try:
            edits = [HandEdit.parse(text, "response") for text in command.responses]
            edits += [HandEdit.parse(text, "request") for text in command.requests]
            if editing is None:
                host = safe(command.host)
                raise LaunchError(f"nothing is changed for {host}: start again with --edit {host}")
            editing.set(command.host, edits)
        except CookietraceError as error:
            self._reports.edited(str(error))
        else:
            self._reports.edited()

    def _fresh_browser(self, client_id: str, recorder: FlowRecorder) -> None:
        """Let a fresh browser take over from a client, and report it."""
        try:
            recorder.fresh_browser(client_id)
        except CookietraceError as error:
            self._reports.session(str(error))
        else:
            self._reports.session()

    async def _listen(self, command: Command, master: Master, recorder: FlowRecorder) -> None:
        """Open another listener, and report it."""
        async with self._listeners_lock:
            mode = None
            try:
                mode, listener = parse_mode(command.mode, self._upstream)
                self._listeners.add(mode, msgspec.structs.replace(listener, label=command.label))
                master.options.update(mode=self._listeners.modes())
                await self._open(master, [mode])
            except (CookietraceError, exceptions.OptionsError) as error:
                if mode is not None:
                    self._listeners.remove(mode)
                    master.options.update(mode=self._listeners.modes())
                self._reports.refused(str(error), command.label)
                return
            recorder.started()
            self._reports.listening(self._listeners.all(), self._ca)
