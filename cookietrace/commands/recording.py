"""``watch`` and ``proxy``: record what a browser does, with the screen or without."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cookietrace.commands.examples import examples
from cookietrace.commands.recording_options import recording_options, wishes
from cookietrace.errors import LaunchError
from cookietrace.stores import delete_if_bare
from cookietrace.supervision.recording import Recording, RecordingOptions, recording
from cookietrace.supervision.screen import Screen, has_terminal
from cookietrace.supervision.signals import Interrupted, orderly_end


def say(line: str) -> None:
    """Tell the person something beside the output proper; one who has gone is no error."""
    with contextlib.suppress(OSError):
        click.echo(line, err=True)


@click.command(
    epilog=examples(
        "cookietrace watch",
        "    then point a browser at the proxy 127.0.0.1:8080",
        "cookietrace watch http://localhost:3000",
        "    then open http://localhost:8081/ in any browser",
        "cookietrace watch --browser chromium https://shop.example",
        "    a browser that is already set up",
        "cookietrace watch --ignore bank.example --only shop.example",
    )
)
@click.argument("target", metavar="[URL]", required=False)
@recording_options
def watch(target: str | None, **options: Any) -> None:
    """Record and watch live: a proxy for your browser, and the screen.

    With the URL of your own app there is a reverse listener as well: open that
    instead of the app, and nothing needs to be set in any browser.
    """
    if not has_terminal():
        raise LaunchError(
            "watch needs a terminal: without one, `cookietrace proxy` records "
            "and `cookietrace view FILE` shows it later"
        )
    show_recording(wishes(options, target=target))


@click.command(
    epilog=examples(
        "cookietrace proxy --capture shop.cookietrace",
        "cookietrace proxy http://localhost:3000 --reverse-listen 127.0.0.1:9000",
        "cookietrace proxy --listen 0.0.0.0:8080",
        "    takes connections from other machines: a phone, a container",
    )
)
@click.argument("target", metavar="[URL]", required=False)
@recording_options
def proxy(target: str | None, **options: Any) -> None:
    """Record without the screen, until Ctrl-C.

    What is recorded can be watched from another terminal meanwhile, with
    `cookietrace view FILE`.
    """
    with orderly_end():
        capture = None
        try:
            with recording(wishes(options, target=target), say, echo=True) as running:
                capture = running.capture
                say(_where_it_listens(running))
                begins = "recording goes on in" if running.appending else "recording into"
                say(f"{begins} {running.capture}; Ctrl-C stops")
                status = running.proxy.child.process.wait()
                reason = running.proxy.reports.last_message
                raise LaunchError(f"the proxy ended: {reason or f'status {status}'}")
        except Interrupted:
            if capture is None:
                raise
        finally:
            if capture is not None:
                name_capture(capture, options["capture"])


def show_recording(wished: RecordingOptions, arguments: Sequence[str] = ()) -> None:
    """Record with the screen in front until it is quit; exit with the screen's status."""
    capture = None
    try:
        with (
            orderly_end(),
            Screen() as screen,
            recording(wished, say, starting=screen.load) as running,
        ):
            capture = running.capture
            with screen:
                status = screen.run(running.capture, arguments)
    finally:
        if capture is not None:
            name_capture(capture, wished.capture)
    sys.exit(status)


def name_capture(capture: Path, wished: object) -> None:
    """Say where the capture is, and how to come back to it.

    One that nobody gave a name to, and that nothing was recorded into, is not kept.
    """
    if wished is None and delete_if_bare(capture):
        say("Nothing was recorded, so there is no capture to keep.")
        return
    say(f"The capture is {capture}")
    say(f"  {_ourselves()} view {shlex.quote(str(capture))}")


def _ourselves() -> str:
    """Return how a shell can call this very command: by its path where PATH does not lead to it."""
    called = Path(sys.argv[0])
    if called.name != "cookietrace" or shutil.which(called.name) is not None:
        return "cookietrace"
    return shlex.quote(sys.argv[0])


def _where_it_listens(running: Recording) -> str:
    """Return one line a listener, as a person would use it."""
    lines = [f"proxy on {running.listen}: set it as the HTTP and HTTPS proxy of a browser"]
    for listener in running.proxy.listeners:
        if listener.target is not None:
            lines.append(
                f"{listener.target} through the proxy: open http://{listener.page_address}/"
            )
    return "\n".join(lines)
