"""Secrets in every spelling: the corpus of the suite, and those of a recording in all outputs."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

from cookietrace.formats import writable
from cookietrace.supervision.proxy import ProxyOptions, RunningProxy
from tests.e2e.terminal import ROOT
from tests.soak.commands import last_of, run_module
from tests.soak.finding import Finding, none_of
from tests.soak.options import Options
from tests.soak.secret_app import SPELLINGS, SecretApp, Secrets

ROOMS = ("tests/redact", "tests/test_redact.py")
"""The tests with the corpus."""

REPORTS = ("text", "json", "junit", "sarif")
_SECONDS = 120.0


def run(options: Options) -> Iterator[Finding]:
    """Run the tests with the corpus; then record, write every output, and look for the secrets."""
    rooms = [room for room in ROOMS if (ROOT / room).exists()]
    ran = run_module(
        "pytest",
        *("-q", "-n", "0", "-p", "no:cacheprovider", "--no-header", *rooms),
        seconds=options.seconds + 300.0,
    )
    yield Finding(
        "no secret of the corpus is in any output",
        last_of(ran, "nothing was said").strip("= "),
        ran.status == 0,
    )
    secrets = Secrets(options.seed)
    outputs = list(_outputs(_recorded(options.folder, secrets), options.folder))
    names = options.folder / "secrets.txt"
    names.write_text("".join(f"{secret}\n" for secret in secrets.all()), encoding="utf-8")
    yield none_of(
        f"no secret of a recording with {SPELLINGS} spellings of each is in any output",
        [found for output in outputs for found in _leaks(output, names)],
        len(outputs),
        f"outputs, with {len(secrets.all())} secrets",
    )


def _recorded(folder: Path, secrets: Secrets) -> Path:
    """Record one visit to each spelling, and return the capture."""
    capture = folder / "secrets.cookietrace"
    with ExitStack() as stack:
        app = stack.enter_context(SecretApp(secrets))
        mode = f"reverse:{app.url}@127.0.0.1:0"
        proxy = RunningProxy.start(
            ProxyOptions(capture=capture, modes=[mode], confdir=folder / "confdir")
        )
        stack.callback(proxy.stop)
        proxy.wait_until_listening()
        client = http.client.HTTPConnection(proxy.listeners[0].address, timeout=_SECONDS)
        stack.callback(client.close)
        cookies = "; ".join(f"{name}={value}" for name, value in secrets.cookies.items())
        for number in range(SPELLINGS):
            client.request(
                "POST" if number % 2 else "GET",
                f"/{number}?{urlencode({'token': secrets.token})}",
                urlencode({"user": "alice", "password": secrets.password}),
                {
                    "Cookie": cookies,
                    "Authorization": f"Bearer {secrets.bearer}",
                    "X-Api-Key": secrets.api_key,
                    "Content-Type": "application/x-www-form-urlencoded",
                },
            )
            client.getresponse().read()
    return capture


def _outputs(capture: Path, folder: Path) -> Iterator[Path]:
    """Write every output of a capture, and yield the files."""
    for each in writable():
        output = folder / f"export-{each.name}{each.suffixes[0]}"
        run_module(
            *("cookietrace", "export", str(capture), "--format", each.name),
            *("--output", str(output)),
            seconds=_SECONDS,
        )
        yield output
    said = {
        "explain": ("explain", str(capture)),
        "explain-json": ("explain", str(capture), "--json", "--jar"),
        **{f"check-{name}": ("check", str(capture), "--format", name) for name in REPORTS},
    }
    for name, arguments in said.items():
        output = folder / name
        ran = run_module("cookietrace", *arguments, seconds=_SECONDS)
        output.write_text("\n".join([*ran.lines, ran.errors]), encoding="utf-8")
        yield output


def _leaks(output: Path, names: Path) -> list[str]:
    """Return what is wrong with an output: missing, empty, or one of the secrets survives."""
    if not output.exists() or not output.stat().st_size:
        return [f"{output.name} was not written"]
    ran = run_module(
        *("cookietrace", "leaks", str(output), "--secrets-from", str(names)), seconds=_SECONDS
    )
    return [] if ran.status == 0 else [f"{output.name}: {last_of(ran, 'a secret survives')}"]
