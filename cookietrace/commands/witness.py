"""``witness``: print the server witness as one file."""

from __future__ import annotations

from typing import Final

import click

from cookietrace.commands import examples
from cookietrace.did_you_mean import did_you_mean
from cookietrace.safe_text import safe
from cookietrace.witness.single_file import FILE_NAME, FRAMEWORKS, single_file

_ALSO_CALLED: Final = {"fastapi": "starlette"}


@click.command(
    epilog=examples(
        f"cookietrace witness flask > {FILE_NAME}",
        "    then in your app: `from cookietrace_witness import witness`, and `witness(app)`",
    )
)
@click.argument("framework", metavar="FRAMEWORK")
def witness(framework: str) -> None:
    """Print the server witness as one file, for your app's own environment.

    The file needs Python 3.9 or newer and the framework, not cookietrace. FRAMEWORK is flask,
    django, bottle, pyramid, starlette (also called fastapi) or quart; wsgi and asgi are for any
    other app, and see less.
    """
    framework = _ALSO_CALLED.get(framework, framework)
    if framework not in FRAMEWORKS:
        raise click.UsageError(
            f"there is no witness for {safe(framework)}.{did_you_mean(framework, FRAMEWORKS)} "
            f"Choose one of {', '.join(FRAMEWORKS)}"
        )
    click.echo(single_file(framework), nl=False)
