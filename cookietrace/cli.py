"""The ``cookietrace`` command: its sub-commands, and how an error reaches the person."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

import click

import cookietrace
from cookietrace.commands.examples import examples
from cookietrace.errors import CookietraceError
from cookietrace.supervision.signals import Interrupted


class Entry(NamedTuple):
    """Where a command lives, and what the list of commands says of it."""

    module: str
    """Below ``cookietrace.commands``; imported when the command is used, not before."""
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "demo": Entry("demo", "See it work: a small app, the proxy and the screen."),
    "watch": Entry("recording", "Record a browser and watch its cookies live."),
    "proxy": Entry("recording", "Record without the screen."),
    "view": Entry("view", "Show a capture, live if it is being written."),
    "export": Entry("output", "Write a capture as HAR, JSONL, CSV, Markdown, ..."),
    "explain": Entry("output", "Say of every exchange what its cookies did, and why."),
    "captures": Entry("captures", "List and delete what was recorded."),
    "ca": Entry("setup", "Where the proxy's CA is, and how to trust it."),
    "witness": Entry("witness", "Print the server witness as one file, for your app."),
    "addon": Entry("setup", "The path of the addon, for one's own mitmproxy."),
}
"""Every command, in the order in which the help lists them."""


class Commands(click.Group):
    """A group that imports a command's module only when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, None where there is none."""
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"cookietrace.commands.{entry.module}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table alone."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(
    cls=Commands,
    epilog=examples(
        "cookietrace demo                          see it work, nothing to set up",
        "cookietrace watch http://localhost:3000   your own app: open http://localhost:8081/",
        "cookietrace watch --browser chromium      any site, in a browser set up for it",
        "cookietrace view FILE                     look at a capture again",
        "cookietrace explain FILE                  the whole story in plain words",
        title="Start here",
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(cookietrace.__version__, "-V", "--version", prog_name="cookietrace")
def cookietrace_command() -> None:
    """Tell what happened to a cookie, and why.

    cookietrace records the cookies that pass between a real browser and a web
    app, rebuilds the browser's cookie jar from them, and tells the reason for
    every cookie stored, refused, sent or withheld.

    `cookietrace COMMAND -h` says more of each.
    """


def main() -> None:
    """Run the command line; the exit status is 2 for whatever the user can mend."""
    try:
        status = cookietrace_command.main(prog_name="cookietrace", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "cookietrace"
        _complain(f"{error.format_message().rstrip('.')} (`{command} -h` says more)")
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _complain(error.format_message())
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except CookietraceError as error:
        _complain(str(error))
        sys.exit(error.exit_status)
    except Interrupted as interrupted:
        sys.exit(interrupted.exit_status)
    except BrokenPipeError:
        # Whoever read our output has gone; let the shutdown of Python not trip over it again.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"{where}{error.strerror or error}")
        sys.exit(2)


def _complain(line: str) -> None:
    """Write one line to stderr; a terminal that is gone is no further error."""
    with contextlib.suppress(OSError):
        click.echo(f"cookietrace: {line}", err=True)


if __name__ == "__main__":
    main()
