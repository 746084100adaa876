"""``verdict``: what every browser does with one Set-Cookie line, without any traffic."""

from __future__ import annotations

import sys
import textwrap
import time
from typing import Final

import click

from cookietrace.commands import examples
from cookietrace.cookies import default_public_suffixes, parse_target
from cookietrace.errors import FormatError
from cookietrace.json_text import json_bytes
from cookietrace.lesson.compared import (
    Circumstance,
    comparison_entry,
    comparison_lines,
    opinions,
)
from cookietrace.lesson.transcript import WIDTH
from cookietrace.safe_text import safe

_LONGEST: Final = 65_536
"""The longest line in bytes: browsers refuse far shorter ones."""


@click.command(
    epilog=examples(
        "cookietrace verdict 'sid=1; Secure' --url http://localhost:5000",
        "cookietrace verdict 'sid=1; SameSite=None' --url https://a.example --from https://b.example",
        "cookietrace verdict 'sid=1' --url https://a.example --from https://b.example --top-level",
        "pbpaste | cookietrace verdict - --url https://a.example",
        "    keeps the value out of the list of processes",
    )
)
@click.argument("line", metavar="LINE")
@click.option("--url", required=True, metavar="URL", help="The URL whose response sets the cookie.")
@click.option(
    "--from",
    "page",
    metavar="URL",
    help="The page that makes the request [default: one of the same site].",
)
@click.option(
    "--top-level",
    is_flag=True,
    help="The request navigates the tab, as a link or a form does. Without it, a request from "
    "another page is one within that page, as from a frame or fetch().",
)
@click.option("--method", default="GET", metavar="METHOD", help="[default: GET]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verdict(
    line: str, url: str, page: str | None, top_level: bool, method: str, as_json: bool
) -> None:
    """Say what each browser does with a Set-Cookie line, and why.

    LINE is what follows "Set-Cookie:" in a response; - reads it from standard input.
    The answer covers Chromium, Firefox, Safari and the specification, in all versions
    about which enough is known: whether the cookie is stored, with which requests it
    is then sent, and whether that was seen in the browser or only documented.
    """
    line = _line(line)
    for each in (url, page):
        if each is not None and not _is_web(each):
            raise FormatError(f"not a URL of a page: {safe(each)} (such as https://app.example/)")
    circumstance = Circumstance(
        url=_wire(url),
        page=None if page is None else _wire(page),
        top_level=top_level or page is None,
        method=method.upper(),
    )
    found = opinions(line, circumstance, default_public_suffixes(), time.time())
    if as_json:
        click.echo(json_bytes(comparison_entry(line, circumstance, found)))
        return
    for text in comparison_lines(line, circumstance, found):
        click.echo(_wrapped(text))


def _line(line: str) -> str:
    """Return the line as on the wire, without its name and its line break."""
    if line == "-":
        line = sys.stdin.buffer.read(_LONGEST + 1).decode("latin-1").rstrip("\r\n")
    else:
        line = _wire(line)
    if len(line) > _LONGEST:
        raise FormatError(f"the Set-Cookie line is longer than {_LONGEST:,} bytes")
    name, colon, rest = line.partition(":")
    return rest.strip() if colon and name.strip().lower() == "set-cookie" else line


def _wire(text: str) -> str:
    """Return an argument's bytes, decoded as all text from the wire."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _is_web(url: str) -> bool:
    target = parse_target(url)
    return target.scheme in ("http", "https") and target.host is not None


def _wrapped(text: str) -> str:
    lead = text[: len(text) - len(text.lstrip())]
    return textwrap.fill(text, WIDTH, subsequent_indent=lead or "  ", break_on_hyphens=False)
