"""``ca`` and ``addon``: what a browser or mitmproxy of your own needs."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from cookietrace.ca import ca_certificate, trust_advice
from cookietrace.commands import examples
from cookietrace.errors import LaunchError

ADDON_FILE = "addon.py"
"""The file in ``proxy_addon`` to pass to mitmproxy's ``-s``."""


@click.command(
    epilog=examples(
        "cookietrace ca",
        'curl --cacert "$(cookietrace ca --path)" --proxy http://127.0.0.1:8080 https://shop.example',
    )
)
@click.option(
    "--confdir",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the proxy's CA [default: mitmproxy's, ~/.mitmproxy].",
)
@click.option("--path", "path_only", is_flag=True, help="Print only the path of the certificate.")
def ca(confdir: Path | None, path_only: bool) -> None:
    """Show where the proxy's CA certificate is, and how to trust it."""
    certificate = ca_certificate(confdir)
    click.echo(str(certificate) if path_only else trust_advice(certificate).rstrip())


@click.command(
    epilog=examples(
        'mitmdump -s "$(cookietrace addon)" --set cookietrace_capture=shop.cookietrace',
    )
)
def addon() -> None:
    """Print the path of the recording addon, for use in your own mitmproxy.

    Your mitmproxy must run in the Python environment that cookietrace is
    installed in.
    """
    found = importlib.util.find_spec("proxy_addon")
    if found is None or found.origin is None:
        raise LaunchError("the package proxy_addon is not installed: install cookietrace again")
    click.echo(str(Path(found.origin).with_name(ADDON_FILE)))
