"""The help: every command has one, with examples that name commands and options there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from cookietrace import __version__
from cookietrace.cli import COMMANDS, cookietrace_command
from tests.cli.conftest import ROOT, Run

PAGES = ("README.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md", "docs/WITNESS.md")


def lines_of_use(text: str) -> list[str]:
    """Return the command lines that a text shows, comments and quotes around them taken off."""
    found = re.findall(r"(?m)^\s{2,}(?:\S+=\S+ )*(cookietrace(?: [^#|\n]*)?)", text)
    return [line.strip() for line in found if not line.startswith("cookietrace/")]


def accepts(line: str) -> None:
    """Raise where a command line names a command or an option that does not exist."""
    _, name, *arguments = shlex.split(line)
    command = cookietrace_command.get_command(click.Context(cookietrace_command), name)
    assert command is not None, line
    if isinstance(command, click.Group) and arguments:
        command = command.get_command(click.Context(command), arguments.pop(0))
        assert command is not None, line
    command.make_context(name, arguments, resilient_parsing=False)


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_the_list_of_commands(run: Run, flag: str) -> None:
    """The help names every command."""
    result = run(flag)
    assert result.status == 0
    for name, entry in COMMANDS.items():
        assert re.search(rf"(?m)^  {name} +{re.escape(entry.summary)}$", result.out)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command(run: Run, name: str) -> None:
    """Each command says what it does, explains every option, and shows examples that work."""
    result = run(name, "-h")
    assert result.status == 0
    assert "Examples:" in result.out
    uses = lines_of_use(result.out.split("Examples:")[1])
    assert uses or name == "addon"
    for use in uses:
        accepts(use)


def test_every_option_is_explained() -> None:
    """No option is without a help text."""
    for name in COMMANDS:
        command = cookietrace_command.get_command(click.Context(cookietrace_command), name)
        assert command is not None
        assert command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.name)


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_show_commands_that_exist(page: str) -> None:
    """Whatever the documentation tells a person to type is understood."""
    for use in lines_of_use((ROOT / page).read_text("utf-8")):
        accepts(use.replace("FILE", "file").replace("HOST", "host"))


def test_the_readme_tells_of_every_command() -> None:
    """No command is a secret."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"cookietrace {name}" not in readme] == []


def test_pages_have_no_dead_links() -> None:
    """Every file that a page points to is there."""
    for page in PAGES:
        folder = (ROOT / page).parent
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text("utf-8")):
            assert (folder / target).exists(), (page, target)


def test_the_version(run: Run) -> None:
    """-V says which version this is."""
    assert run("-V").out == f"cookietrace, version {__version__}\n"


def test_the_path_of_the_addon(run: Run) -> None:
    """`cookietrace addon` prints the path of a file, and nothing else."""
    path = Path(run("addon").out.strip())
    assert path.is_file()
    assert path.parent.name == "proxy_addon"


def test_where_the_ca_is(run: Run, tmp_path: Path) -> None:
    """`cookietrace ca` names the certificate in the folder it is given."""
    certificate = tmp_path / "mitmproxy-ca-cert.pem"
    assert run("ca", "--confdir", tmp_path, "--path").out == f"{certificate}\n"
    assert (
        f"{certificate} (created when the proxy first starts"
        in run("ca", "--confdir", tmp_path).out
    )
