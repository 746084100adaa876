"""``session``: what is inside one session cookie or token."""

from __future__ import annotations

import sys
import textwrap
import time
from pathlib import Path

import click

from cookietrace.commands import examples
from cookietrace.commands.session_options import session_key_options
from cookietrace.errors import FormatError
from cookietrace.json_text import json_bytes
from cookietrace.lesson.display_text import quoted
from cookietrace.lesson.transcript import WIDTH
from cookietrace.sessions import Decoded, decode, decoded_entry, decoded_lines, values_in
from cookietrace.sessions.bounds import LONGEST
from cookietrace.sessions.given_keys import given_keys

_MOST_READ = 4 * LONGEST


@click.command(
    epilog=examples(
        "cookietrace session",
        "    waits for a value that you paste",
        "pbpaste | cookietrace session",
        "cat cookie.txt | cookietrace session --session-key-file secret_key.txt",
        "    also says whether that key made the signature",
        "cat cookie.txt | cookietrace session --json | jq .content",
    )
)
@click.argument("value", metavar="[VALUE|-]", default="-")
@session_key_options
@click.option("--name", metavar="NAME", default="", help="The cookie's name, if VALUE has none.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per session.")
def session(
    value: str, key_files: tuple[Path, ...], salts: tuple[str, ...], name: str, as_json: bool
) -> None:
    """Say what is inside a session cookie or token: contents, time, signature.

    It reads the signed sessions of Flask, Quart and Starlette and other values of
    itsdangerous, those of Django, and JSON Web Tokens. None of them needs a key to be read;
    with the app's key, the signature is checked as well. The value comes from standard
    input, so that it stays out of the shell's history and the list of processes. It may be
    a value, NAME=VALUE, or a whole Cookie, Set-Cookie or Authorization header; each cookie
    of a Cookie header is read.
    """
    keys = given_keys(key_files, salts)
    text = _standard_input() if value == "-" else value
    values = values_in(text)
    found = [
        (called, decoded)
        for called, plain in values
        if (decoded := decode(plain, keys, (name if len(values) == 1 else "") or called))
    ]
    if not found:
        longest = max(len(plain) for _, plain in values)
        what = (
            f"this is neither a signed session nor a readable token ({longest:,} characters)"
            if len(values) == 1
            else f"none of the {len(values):,} cookies is a signed session or a readable token"
        )
        raise FormatError(f"{what}: a session that is only an id is kept in the app's own store")
    for number, (called, decoded) in enumerate(found):
        if as_json:
            names = {"name": called} if len(found) > 1 else {}
            click.echo(json_bytes({**names, **decoded_entry(decoded)}))
            continue
        if len(found) > 1:
            click.echo("\n" * bool(number) + f"{quoted(called)}:")
        _print(decoded)


def _print(decoded: Decoded) -> None:
    for line in decoded_lines(decoded, time.time()):
        lead = line[: len(line) - len(line.lstrip())]
        wrapped = textwrap.wrap(
            line, WIDTH, subsequent_indent=lead + "  ", break_on_hyphens=False
        ) or [""]
        click.echo("\n".join(wrapped) if not lead else line)


def _standard_input() -> str:
    """Return what standard input holds, up to a limit; say what is awaited at a terminal."""
    if sys.stdin is None:
        raise FormatError("there is no standard input to read the value from")
    if sys.stdin.isatty():
        click.echo("Paste the value, then press Enter and Ctrl-D.", err=True)
    text = sys.stdin.buffer.read(_MOST_READ + 1).decode("latin-1")
    if len(text) > _MOST_READ:
        raise FormatError(f"the value is longer than {LONGEST:,} characters")
    return text
