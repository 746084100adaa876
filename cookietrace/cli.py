"""The ``cookietrace`` command: its subcommands, and how errors are shown to the user."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import click

import cookietrace
from cookietrace import interrupts
from cookietrace.commands import examples
from cookietrace.did_you_mean import did_you_mean
from cookietrace.errors import CookietraceError
from cookietrace.safe_text import safe
from cookietrace.supervision.signals import Interrupted

CLOSED_PIPE = 141
"""The exit status if nobody reads our output any more: that of a program that SIGPIPE ends.

1 would say that ``check`` found problems.
"""


class Entry(NamedTuple):
    """Where a command is defined, and its line in the list of commands."""

    module: str
    """A module in ``cookietrace.commands``, imported only when the command is used."""
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "demo": Entry("demo", "Try it: a small app, the proxy and the screen"),
    "watch": Entry("recording", "Record a browser and watch its cookies live"),
    "proxy": Entry("recording", "Record without the screen"),
    "publish": Entry("publish", "Add a capture to a Redis stream, for viewers elsewhere"),
    "view": Entry("view", "Open a capture, even while it is being recorded"),
    "export": Entry("output", "Write a capture as HAR, JSONL, CSV, Markdown or HTML"),
    "explain": Entry("explain", "Explain what happened to each exchange's cookies, and why"),
    "diff": Entry("diff", "Say what changed between two captures of the same journey"),
    "whatif": Entry(
        "whatif", "Say what would differ with another cookie, browser, time or address"
    ),
    "verdict": Entry("verdict", "Say what each browser does with one Set-Cookie line"),
    "doctor": Entry("doctor", "Say why traffic is missing, and how to fix it"),
    "session": Entry("session", "Say what is inside one session cookie or token"),
    "check": Entry("check", "Check a capture for problems, for use in CI"),
    "leaks": Entry("leaks", "Check which secrets survive in a file before you share it"),
    "captures": Entry("captures", "List, delete, compact and merge captures"),
    "config": Entry("config", "Show your settings, and where each comes from"),
    "ca": Entry("setup", "Show where the proxy's CA certificate is, and how to trust it"),
    "witness": Entry("witness", "Print the server witness as one file, for your app"),
    "addon": Entry("setup", "Print the path of the recording addon, for use in your own mitmproxy"),
}
"""Every command, in the order in which the help lists them."""


def _imported(name: str) -> ModuleType:
    """Import a module, and have the garbage collector pass over all that there is by then.

    All of it stays, and to search it again and again takes a tenth of the time of a small command.
    """
    known = sys.modules.get(name)
    if known is not None or not gc.isenabled():
        return known or importlib.import_module(name)
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        gc.freeze()
        gc.enable()


class _NoReaderError(Exception):
    """Nobody reads our output any more; click would make exit status 1 of a ``BrokenPipeError``."""


@contextlib.contextmanager
def _no_reader() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _NoReaderError from error


class Commands(click.Group):
    """A group that imports a command's module only when that command is used."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Parse the command line, which may already print help."""
        with _no_reader():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _no_reader():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of ``COMMANDS``."""
        del ctx
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called; if there is none, say which one has nearly its name.

        click itself suggests only commands that are imported.
        """
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"No such command '{name}'.{did_you_mean(name, COMMANDS)}")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command with that name, or None.

        From now on there may be something to put in order at Ctrl-C. Not before: an exception may
        be lost in an import, or become another one.
        """
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = _imported(f"cookietrace.commands.{entry.module}")
        if interrupts.unwinding():
            ctx.call_on_close(interrupts.quiet)
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(
    cls=Commands,
    epilog=examples(
        "cookietrace demo                          nothing to set up",
        "cookietrace watch http://localhost:3000   your own app: open http://localhost:8081/",
        "cookietrace watch --browser chromium      any site, in a browser that is ready to use",
        "cookietrace view FILE                     open a capture again",
        "cookietrace explain FILE                  the whole story in plain text",
        title="Start here",
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(cookietrace.__version__, "-V", "--version", prog_name="cookietrace")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Your settings [default: config.toml in your config folder].",
)
def cookietrace_command(config: Path | None) -> None:
    """Find out what happened to a cookie, and why.

    cookietrace records the cookies between a real browser and a web app,
    rebuilds the browser's cookie jar from them, and shows why each cookie was
    stored, refused, sent or withheld.

    Run `cookietrace COMMAND -h` for help on one command.
    """
    del config  # commands read it from the context


def main() -> None:
    """Run the command line; the exit status is 2 for every error that the user can fix."""
    try:
        _run()
    except KeyboardInterrupt:  # where click does not see it
        sys.exit(interrupts.INTERRUPTED)


def _run() -> None:
    _open_missing_streams()
    try:
        status = cookietrace_command.main(prog_name="cookietrace", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "cookietrace"
        _complain(f"{error.format_message().rstrip('.')} (for help: `{command} -h`)")
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _complain(error.format_message())
        sys.exit(2)
    except click.Abort:
        sys.exit(interrupts.INTERRUPTED)
    except CookietraceError as error:
        _complain(str(error))
        sys.exit(error.exit_status)
    except Interrupted as interrupted:
        sys.exit(interrupted.exit_status)
    except _NoReaderError:
        # The reader of our output is gone. Python flushes stdout once more when it exits,
        # which must not fail on the same pipe again.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CLOSED_PIPE)
    except OSError as error:
        where = error.filename or "cannot write"
        _complain(f"{where}: {error.strerror or error}")
        sys.exit(2)


def _open_missing_streams() -> None:
    """Open the null device for each standard stream that was closed before we started.

    Otherwise the next files and pipes would get the numbers 0, 1 and 2, and what is written to
    the screen would go into them.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def _complain(line: str) -> None:
    """Write one line to stderr; a closed stderr is not another error."""
    with contextlib.suppress(OSError):
        click.echo(f"cookietrace: {safe(line)}", err=True)


if __name__ == "__main__":
    main()
