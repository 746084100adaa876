"""``doctor``: why traffic is missing, and what to do about it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cookietrace.addresses import parse_address, parse_target
from cookietrace.commands import examples
from cookietrace.commands.chosen_settings import chosen_settings
from cookietrace.doctor import Wanted, diagnose, gather, report_entry, report_lines, without_guesses
from cookietrace.errors import CaptureError
from cookietrace.json_text import json_bytes
from cookietrace.safe_text import safe
from cookietrace.stores import capture_named


@click.command(
    epilog=examples(
        "cookietrace doctor",
        "cookietrace doctor http://localhost:3000",
        "cookietrace doctor https://shop.example --proxy 127.0.0.1:8080",
        "cookietrace doctor --capture shop.cookietrace --json",
    )
)
@click.argument("url", metavar="[URL]", required=False)
@click.option(
    "--capture",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The recorder's capture [default: the newest one that is being recorded].",
)
@click.option(
    "--proxy",
    metavar="HOST:PORT",
    help="The recorder's proxy [default: what its capture says].",
)
@click.option(
    "--confdir",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the proxy's CA [default: that of the recorder, or mitmproxy's].",
)
@click.option("--all", "every", is_flag=True, help="Print guesses too, even if traffic arrives.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(
    url: str | None,
    capture: Path | None,
    proxy: str | None,
    confdir: Path | None,
    every: bool,
    as_json: bool,
) -> None:
    """Say why traffic is missing, the surest reason first, and how to fix it.

    This looks at the recorder, its capture, the browsers and programs on this
    machine, their proxy settings and the certificates that they trust. It reads
    only, and changes nothing.

    With a URL, it also sends one HEAD request for it through the recorder. It is
    recorded as a client of its own, and counts as no traffic: like what browsers
    request by themselves, it is shown only if you ask for that.

    The exit status is 0 if nothing is found but guesses, 1 if something is, and 2 if
    the question is not valid.
    """
    settings = chosen_settings().settings
    if url is not None:
        parse_target(url)
    wanted = Wanted(
        url=url,
        capture=None if capture is None else _capture(capture),
        proxy=None if proxy is None else parse_address(proxy, "--proxy"),
        confdir=confdir,
        only=settings.only,
        ignore=settings.ignore,
    )
    facts = gather(wanted)
    found = diagnose(facts)
    if as_json:
        click.echo(json_bytes(report_entry(facts, found)))
    else:
        for line in report_lines(facts, found, every=every):
            click.echo(line)
    sys.exit(1 if without_guesses(found) else 0)


def _capture(given: Path) -> Path:
    """Return the path of a capture, or of a name from the listing."""
    found = capture_named(str(given))
    if found is None or not found.exists():
        raise CaptureError(f"there is no capture {safe(str(given))}: `cookietrace captures` lists")
    return found
