"""The command line of ``python -m proxy_addon``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cookietrace.protocol import UPSTREAM_VARIABLE
from proxy_addon.flows.bodies import DEFAULT_LIMIT


class Arguments(msgspec.Struct, frozen=True, kw_only=True):
    """The parsed command line."""

    capture: Path
    modes: tuple[str, ...]
    movable: frozenset[str] = frozenset()
    """Those of the modes that get the next free port if theirs is in use."""
    reports_fd: int | None = None
    commands_fd: int | None = None
    demo_app: str | None = None
    body_limit: int | None = DEFAULT_LIMIT
    """Bytes kept of each body; None to record no bodies."""
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    """Where cookietrace itself serves a page, as ``host:port``."""
    upstream: str | None = None
    confdir: Path | None = None
    edit: tuple[str, ...] = ()
    """The hosts towards which cookies may be changed."""
    edit_responses: tuple[str, ...] = ()
    """What is changed from the start, as ``HandEdit.parse`` reads it."""
    edit_requests: tuple[str, ...] = ()
    start_from: Path | None = None
    """A file of cookies that the first client holds from the start."""


def parse_arguments(argv: Sequence[str] | None = None) -> Arguments:
    """Return the parsed command line; exits with status 2 if it is invalid."""
    parser = argparse.ArgumentParser(
        prog="python -m proxy_addon",
        description=__doc__,
        epilog=f"{UPSTREAM_VARIABLE} is the URL of the proxy behind this one, with its login.",
    )
    parser.add_argument("--capture", type=Path, required=True, help="the file to record into")
    parser.add_argument(
        "--mode", action="append", default=[], metavar="MODE@HOST:PORT", help="a listener"
    )
    parser.add_argument(
        "--movable",
        action="append",
        default=[],
        metavar="MODE@HOST:PORT",
        help="one of these listeners, which gets the next free port if its own is in use",
    )
    parser.add_argument("--reports-fd", type=int, help="write reports to this descriptor")
    parser.add_argument(
        "--commands-fd", type=int, help="read commands from this descriptor, and stop at its end"
    )
    parser.add_argument("--demo-app", metavar="URL", help="the app behind the demo's hosts")
    parser.add_argument("--no-bodies", action="store_true", help="record no bodies")
    parser.add_argument("--bodies-limit", type=int, default=DEFAULT_LIMIT, metavar="BYTES")
    parser.add_argument("--only", action="append", default=[], metavar="HOST")
    parser.add_argument("--ignore", action="append", default=[], metavar="HOST")
    parser.add_argument("--own", action="append", default=[], metavar="HOST:PORT")
    parser.add_argument("--confdir", type=Path, help="where mitmproxy keeps its CA")
    parser.add_argument("--start-from", type=Path, metavar="FILE", help="cookies known before")
    parser.add_argument("--edit", action="append", default=[], metavar="HOST")
    parser.add_argument("--edit-response", action="append", default=[], metavar="CHANGE")
    parser.add_argument("--edit-request", action="append", default=[], metavar="CHANGE")
    given = parser.parse_args(argv)
    return Arguments(
        capture=given.capture,
        modes=tuple(given.mode or ["regular@127.0.0.1:8080"]),
        movable=frozenset(given.movable),
        reports_fd=given.reports_fd,
        commands_fd=given.commands_fd,
        demo_app=given.demo_app,
        body_limit=None if given.no_bodies else max(0, given.bodies_limit),
        only=tuple(given.only),
        ignore=tuple(given.ignore),
        own=tuple(given.own),
        upstream=os.environ.get(UPSTREAM_VARIABLE) or None,
        confdir=given.confdir,
        edit=tuple(given.edit),
        edit_responses=tuple(given.edit_response),
        edit_requests=tuple(given.edit_request),
        start_from=given.start_from,
    )
