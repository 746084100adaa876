"""Measures what listening costs a browser: its time to load the demo's pages, with and without.

    python -m benchmarks.bench_listening [--sizes N]

For each way of listening, two browsers of one kind are open at once, each behind a proxy of its
own: one is listened to, the other is left alone. They load the demo's pages in turns, and the
browser itself says how long each load took: ``duration`` of its navigation timing, up to the end
of the load event. Two equal browsers differ by several percent for as long as they are open, so
several pairs are opened, one after the other: N loads with listening, and N without, in all. The
figure is the median for each page, and the mean of these over the pages. Beside it stands the
processor time of all the browser's processes, for a load and what they do until the next one; and
the same with what listens, which is a thread of the browser's keeper, or a process.

Pairs of browsers that are both left alone show how far noise alone moves a ratio. Target:
listening costs less than 5 % of the time of a load.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from benchmarks.figures import Figure, figure, own_home
from benchmarks.page_loads import PAGES, Loads, Turns, demo_app, medians
from benchmarks.runner import main
from cookietrace.addresses import Address
from cookietrace.errors import LaunchError
from cookietrace.supervision.attached import Heard, attach
from cookietrace.supervision.browser_profile import Launch, prepare_chromium, profile_environment
from cookietrace.supervision.browsers import Listening, find_browser, launch
from cookietrace.supervision.devtools_address import find_devtools
from cookietrace.supervision.ports import reserve_port
from cookietrace.supervision.proxy import ProxyOptions, RunningProxy

UNHEARD = "the same browser by itself"

PAIRS = 3
"""How many pairs of browsers are opened for each way, one after the other."""

_TICKS = os.sysconf("SC_CLK_TCK")


class Opened(msgspec.Struct, frozen=True):
    """A browser that is open: the processes whose time counts."""

    session: int
    """That of its processes."""
    listens: int | None
    """The process that listens to it, or would; None if there is none."""


Open = Callable[[RunningProxy, Path, bool, ExitStack], Opened]
"""Opens a browser behind a proxy, which records into a capture, and listens to it or not."""


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield the time of a load with somebody listening, beside that without, for each way."""
    for size in sizes:
        for name, opened in WAYS.items():
            yield from compared(name, size, opened, heard=True)
        for name, opened in CONTROLS.items():
            yield from compared(name, size, opened, heard=False)


def compared(name: str, size: int, opened: Open, *, heard: bool) -> Iterator[Figure]:
    """Yield the figures of one way of listening; without ``heard``, both browsers are alone."""
    pairs = 1 if size < PAIRS * len(PAGES) else PAIRS
    rounds = max(1, size // (pairs * len(PAGES)))
    took: tuple[list[Loads], list[Loads]] = ([], [])
    spent = [[0.0, 0.0], [0.0, 0.0]]
    for pair in range(pairs):
        # The one that is listened to is opened first, then second, and so on.
        for number, (loads, seconds) in enumerate(_pair(rounds, opened, heard, pair % 2)):
            took[number].append(loads)
            for place, each in enumerate(seconds):
                spent[number][place] += 1000 * each / (pairs * rounds * len(PAGES))
    rows = [
        ("a load", medians(took[0]), medians(took[1])),
        ("its processes: CPU", spent[0][0], spent[1][0]),
        ("and what listens: CPU", spent[0][1], spent[1][1]),
    ]
    for row, value, peer_value in rows:
        full = f"{name}: {row}"
        yield figure(full, size, value, "ms/load", peer=UNHEARD, peer_value=peer_value)


def _pair(
    rounds: int, opened: Open, heard: bool, first: int
) -> tuple[tuple[Loads, tuple[float, float]], ...]:
    """Let two browsers load the pages; return the loads, and the CPU seconds, of each.

    The one that is listened to comes first in what is returned, and is opened as the ``first``.
    """
    turns = Turns(rounds)
    with own_home(), ExitStack() as stack:
        both = [_opened(turns, each, opened, heard and each == first, stack) for each in (0, 1)]
        turns.wait(warm=True)
        before = [_seconds(each) for each in both]
        turns.wait(warm=False)
        after = [_seconds(each) for each in both]
    return tuple(
        (turns.took[each], (after[each][0] - before[each][0], after[each][1] - before[each][1]))
        for each in (first, 1 - first)
    )


def _opened(turns: Turns, number: int, opened: Open, heard: bool, stack: ExitStack) -> Opened:
    """Open one of the two browsers, with all that belongs to it."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    options = ProxyOptions(
        capture=folder / "loads.cookietrace",
        modes=["regular@127.0.0.1:0"],
        demo_app=stack.enter_context(demo_app(number, turns)),
        confdir=folder / "ca",
    )
    proxy = RunningProxy.start(options)
    stack.callback(proxy.stop)
    proxy.wait_until_listening()
    return opened(proxy, options.capture, heard, stack)


def _launched(kind: str, *, by_port: bool = False) -> Open:
    """Return what opens a browser as ``--browser`` does, and listens as that does."""

    def opened(proxy: RunningProxy, capture: Path, heard: bool, stack: ExitStack) -> Opened:
        launched = stack.enter_context(
            launch(
                find_browser(kind),
                proxy=proxy.listen(kind).address,
                ca=proxy.ca,
                url=PAGES[0],
                headless=True,
                listening=Listening(capture, proxy.commands_fd, print, by_port=by_port)
                if heard
                else None,
            )
        )
        return Opened(launched.keeper_pid, launched.keeper_pid)

    return opened


def _attached(proxy: RunningProxy, capture: Path, heard: bool, stack: ExitStack) -> Opened:
    """Open a Chromium with a debugging port as a user would, and attach to it or not."""
    profile = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
    listen = proxy.listeners[0].address
    address = Address("127.0.0.1", reserve_port())
    command = prepare_chromium(
        Launch(
            path=find_browser("chromium").path,
            profile=profile,
            proxy=listen,
            ca=proxy.ca,
            url=PAGES[0],
            headless=True,
        )
    )
    command.insert(1, f"--remote-debugging-port={address.port}")
    browser = subprocess.Popen(
        command,
        env=profile_environment(profile),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    stack.callback(_kill, browser)
    while not _listens(address):
        time.sleep(0.1)
    if not heard:
        return Opened(browser.pid, None)
    told = Heard(capture=capture, commands_fd=proxy.commands_fd, proxy=listen, listeners=[listen])
    listener = attach(address, told, lambda _: None)
    stack.callback(listener.close)
    return Opened(browser.pid, listener.pid)


def _listens(address: Address) -> bool:
    try:
        find_devtools(address)
    except LaunchError:
        return False
    return True


def _kill(browser: subprocess.Popen[bytes]) -> None:
    """End a browser with all its processes."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(browser.pid, signal.SIGKILL)
    browser.wait()


WAYS: Mapping[str, Open] = {
    "Chromium, its net log": _launched("chromium"),
    "Chromium, --attach": _attached,
    "Firefox, its log": _launched("firefox"),
    "Firefox, over BiDi": _launched("firefox", by_port=True),
}
"""Each way of listening, and what opens a browser for it."""

CONTROLS: Mapping[str, Open] = {
    "Chromium, nobody": _launched("chromium"),
    "Firefox, nobody": _launched("firefox"),
}
"""Pairs of browsers that are both left alone."""


def _seconds(opened: Opened) -> tuple[float, float]:
    """Return the processor time of a browser's processes, and that with what listens to it."""
    browser, listens = 0, 0
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        ticks = sum(map(int, fields[11:15]))  # its own, and that of children that have ended
        if int(process.name) == opened.listens:  # in the browser's session if it is its keeper
            listens += ticks
        elif int(fields[3]) == opened.session:
            browser += ticks
    return browser / _TICKS, (browser + listens) / _TICKS


if __name__ == "__main__":
    sys.exit(main(["listening", *sys.argv[1:]]))
