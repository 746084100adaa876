"""``watch`` and ``proxy``: record what a browser does, with the screen or without."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cookietrace.commands import examples
from cookietrace.commands.chosen_settings import chosen_settings
from cookietrace.commands.recording_options import (
    headless_option,
    limit_options,
    publish_options,
    recording_options,
    requested,
)
from cookietrace.commands.web_options import chosen_page, chosen_terminal, web_options
from cookietrace.errors import LaunchError
from cookietrace.safe_text import safe
from cookietrace.stores import captures_folder, delete_if_bare, is_bare
from cookietrace.stores.redis_streams.address import parse_redis_url
from cookietrace.supervision.recording import Recording, RecordingOptions, recording
from cookietrace.supervision.recording_end import RecordingEnd
from cookietrace.supervision.screen import Screen, has_terminal
from cookietrace.supervision.signals import Interrupted, orderly_end


def say(line: str) -> None:
    """Print a line for the user to stderr; a closed stderr is not an error."""
    with contextlib.suppress(OSError):
        click.echo(line, err=True)


@click.command(
    epilog=examples(
        "cookietrace watch",
        "    then point a browser at the proxy 127.0.0.1:8080",
        "cookietrace watch http://localhost:3000",
        "    then open http://localhost:8081/ in any browser",
        "cookietrace watch --browser chromium https://shop.example",
        "    opens a browser that is ready to use",
        "cookietrace watch --ignore bank.example --only shop.example",
        "cookietrace watch --web http://localhost:3000",
        "    shows the lesson page in a browser instead of the screen",
    )
)
@click.argument("target", metavar="[URL]", required=False)
@recording_options
@headless_option
@limit_options
@publish_options
@web_options
def watch(target: str | None, **options: Any) -> None:
    """Record a browser and watch its cookies live.

    This starts a proxy and the screen. Point your browser at the proxy, or let
    --browser open one that uses it. If you give the URL of your own app, the browser
    needs no settings: open http://localhost:8081/ instead of the app.
    """
    page, tabs = chosen_page(options), chosen_terminal(options)
    if page is None and tabs is None and not has_terminal():
        raise LaunchError(
            "watch needs a terminal: add --web to watch in a browser, or use `cookietrace proxy` "
            "to record, and `cookietrace view FILE` to look at the capture later"
        )
    chosen = chosen_settings()
    wanted = requested(options, chosen.settings, target=target)
    if page is not None:
        # Imported here because the screen, which should appear at once, needs none of it.
        from cookietrace.commands.web_page import PageWanted, show_recording_on_page

        shows = options["show_values"]
        show_recording_on_page(wanted, PageWanted(where=page, **chosen.page(show_values=shows)))
        return
    if tabs is not None:
        from cookietrace.commands.web_terminal import TabsWanted, show_recording_in_tabs

        screen = tuple(chosen.screen_arguments())
        show_recording_in_tabs(wanted, TabsWanted(tabs, screen, options["show_values"]))
        return
    show_recording(wanted, chosen.screen_arguments())


@click.command(
    epilog=examples(
        "cookietrace proxy --capture shop.cookietrace",
        "cookietrace proxy http://localhost:3000 --reverse-listen 127.0.0.1:9000",
        "cookietrace proxy --listen 0.0.0.0:8080",
        "    accepts connections from other machines, such as a phone or a container",
    )
)
@click.argument("target", metavar="[URL]", required=False)
@recording_options
@headless_option
@limit_options
@publish_options
def proxy(target: str | None, **options: Any) -> None:
    """Record without the screen, until Ctrl-C.

    To watch the recording from another terminal, run `cookietrace view FILE`
    there.
    """
    wanted = requested(options, chosen_settings().settings, target=target)
    whole = True
    with orderly_end():
        running = None
        try:
            with recording(wanted, say, echo=True) as running:
                say(where_it_listens(running))
                say(f"{what_it_records(running, wanted)}; press Ctrl-C to stop")
                status = running.proxy.child.process.wait()
                reason = running.proxy.reports.last_message
                raise LaunchError(f"the proxy ended: {reason or f'status {status}'}")
        except Interrupted:
            if running is None:
                raise
        finally:
            if running is not None:
                whole = say_where_capture_is(running.end(), wanted)
    if not whole:
        sys.exit(1)


def show_recording(wanted: RecordingOptions, arguments: Sequence[str] = ()) -> None:
    """Record and show the screen until the user quits; exit with the screen's status.

    If that is 0 and the capture is not whole, exit with 1.
    """
    running = None
    whole = True
    try:
        with (
            orderly_end(),
            Screen() as screen,
            recording(wanted, say, starting=screen.load) as running,
            screen,
        ):
            edited = [f"--edit={host}" for host in wanted.edit]
            status = screen.run([running.capture], [*arguments, *edited])
    finally:
        if running is not None:
            whole = say_where_capture_is(running.end(), wanted)
    sys.exit(status or (0 if whole else 1))


def say_where_capture_is(end: RecordingEnd, wanted: RecordingOptions) -> bool:
    """Print where the capture is and what is missing, and the command that opens it again.

    Returns whether the capture is whole. One that is empty and was not named by the user is
    deleted.
    """
    place, was = end.place, safe(str(end.recorded_as))
    if wanted.capture is None and place == end.recorded_as and delete_if_bare(place):
        say(f"Nothing was recorded, so no capture was kept. {_why_nothing(wanted)}")
        place = None
    elif place == end.recorded_as and is_bare(place):
        say(f"Nothing was recorded: the capture {was} is empty. {_why_nothing(wanted)}")
        place = None
    elif place == end.recorded_as:
        say(f"The capture is {was}")
    elif place is not None:
        say(f"The capture is no longer {was}: it was moved to {safe(str(place))}")
    elif end.deleted:
        say(f"The capture is gone: {was} was deleted while it was being recorded")
    else:
        say(f"The capture is no longer {was}: it was moved or deleted while it was being recorded")
    if end.missing is not None:
        say(f"It is not complete: {end.missing}" if place else f"Missing: {end.missing}")
    if place is not None:
        say(f"  {_ourselves()} view {_quoted(str(place))}")
    return end.whole


def _why_nothing(wanted: RecordingOptions) -> str:
    """Return the command that says why nothing comes into this very recording.

    It looks at a recorder that runs, and finds by itself those whose capture is in the data folder.
    """
    words = [_ourselves(), "doctor"]
    if wanted.target is not None:
        words.append(_quoted(wanted.target))
    capture = wanted.capture
    if capture is not None and capture.absolute().parent != captures_folder().absolute():
        words.append(f"--capture {_quoted(str(capture))}")
    return f"While it records, `{' '.join(words)}` says why traffic is missing."


def _ourselves() -> str:
    """Return the command as the user can type it: with its path if it is not on PATH."""
    called = Path(sys.argv[0])
    if called.name != "cookietrace" or shutil.which(called.name) is not None:
        return "cookietrace"
    return shlex.quote(sys.argv[0])


def _quoted(path: str) -> str:
    """Return a path as a shell takes it, without a character that acts on the terminal.

    If it has one, it is quoted as bash and zsh understand it.
    """
    if safe(path) == path:
        return shlex.quote(path)
    quoted = (
        letter
        if safe(letter) == letter and letter not in "\\'"
        else "".join(f"\\x{byte:02x}" for byte in os.fsencode(letter))
        for letter in path
    )
    return f"$'{''.join(quoted)}'"


def what_it_records(running: Recording, wanted: RecordingOptions) -> str:
    """Return what the recording is written to, and where it is published."""
    into = "adding to" if running.appending else "recording into"
    line = f"{into} {safe(str(running.capture))}"
    if wanted.publish is not None:
        line += f", publishing to {parse_redis_url(wanted.publish.url)}"
    return line


def where_it_listens(running: Recording) -> str:
    """Return one line per listener, saying how to use it."""
    lines = [f"proxy on {running.listen}: set it as your browser's HTTP and HTTPS proxy"]
    for listener in running.proxy.listeners:
        if listener.mode == "upstream":
            lines.append(f"all traffic is sent on through the proxy {listener.target}")
        elif listener.target is not None:
            lines.append(
                f"to use {listener.target} through the proxy, open http://{listener.page_address}/"
            )
    return "\n".join(lines)
