"""The help: every command has one, and every command line it shows is valid."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from cookietrace import __version__
from cookietrace.cli import COMMANDS, cookietrace_command
from tests.cli.conftest import ROOT, Run

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/ARCHITECTURE.md",
    "docs/CHECK.md",
    "docs/DOCTOR.md",
    "docs/RECORDING.md",
    "docs/SHARING.md",
    "docs/WITNESS.md",
)


def command_lines(text: str) -> list[str]:
    """Return the command lines in a text, without what follows: comments, pipes and the like."""
    found = re.findall(r"(?m)^\s{2,}(?:(?!_)\S+=\S+ )*(cookietrace(?: [^#|>&\n]*)?)", text)
    return [line.strip() for line in found if not line.startswith("cookietrace/")]


def accepts(line: str) -> None:
    """Fail if a command line names a command or an option that does not exist."""
    _, name, *arguments = shlex.split(line)
    # A command keeps the help option of its first context, so that must be as in real use.
    group = click.Context(cookietrace_command, **cookietrace_command.context_settings)
    command = cookietrace_command.get_command(group, name)
    assert command is not None, line
    if isinstance(command, click.Group) and arguments:
        command = command.get_command(group, arguments.pop(0))
        assert command is not None, line
    command.make_context(name, arguments, parent=group, resilient_parsing=False)


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_the_list_of_commands(run: Run, flag: str) -> None:
    """The help lists every command with its summary."""
    result = run(flag)
    assert result.status == 0
    for name, entry in COMMANDS.items():
        summary = r"\s+".join(map(re.escape, entry.summary.split()))
        assert re.search(rf"(?m)^  {name} +{summary}$", result.out)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command(run: Run, name: str) -> None:
    """Each command has examples, and they are valid."""
    result = run(name, "-h")
    assert result.status == 0
    assert "Examples:" in result.out
    uses = command_lines(result.out.split("Examples:")[1])
    assert uses or name == "addon"
    for use in uses:
        accepts(use)


def test_every_option_is_explained() -> None:
    """Every command and every option has a help text."""
    for name in COMMANDS:
        command = cookietrace_command.get_command(click.Context(cookietrace_command), name)
        assert command is not None
        assert command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.name)


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_show_commands_that_exist(page: str) -> None:
    """Every command line in the documentation is valid."""
    for use in command_lines((ROOT / page).read_text("utf-8")):
        accepts(use.replace("FILE", "file").replace("HOST", "host"))


def test_the_readme_mentions_every_command() -> None:
    """Each command is in the README at least once."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"cookietrace {name}" not in readme] == []


def test_pages_have_no_dead_links() -> None:
    """Every file that a page links to exists."""
    for page in PAGES:
        folder = (ROOT / page).parent
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text("utf-8")):
            assert (folder / target).exists(), (page, target)


def test_the_version(run: Run) -> None:
    """-V prints the version."""
    assert run("-V").out == f"cookietrace, version {__version__}\n"


def test_the_path_of_the_addon(run: Run) -> None:
    """`cookietrace addon` prints the path of the addon and nothing else."""
    path = Path(run("addon").out.strip())
    assert path.is_file()
    assert path.parent.name == "proxy_addon"


def test_where_the_ca_is(run: Run, tmp_path: Path) -> None:
    """`cookietrace ca` prints the path of the certificate in --confdir."""
    certificate = tmp_path / "mitmproxy-ca-cert.pem"
    assert run("ca", "--confdir", tmp_path, "--path").out == f"{certificate}\n"
    assert (
        f"{certificate} (created when the proxy first starts)"
        in run("ca", "--confdir", tmp_path).out
    )
