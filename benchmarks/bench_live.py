"""Measures a busy recording: wire to screen while a viewer is stepped back and forth.

    python -m benchmarks.bench_live [--rate N] [--seconds N] [--clients N]
                                    [--plain] [--still] [--first]

A fast app, keep-alive clients paced to a total rate, the real proxy, and the real viewer on
a pseudo-terminal, whose keys are pressed while it follows: steps back, steps forward, and to
the newest again. For each exchange, the time from the app's response to the screen is that
to its row, or to the first count of steps that includes a row which its response or a later
event added, whichever is drawn first: a viewer that was stepped back shows the count only.

``--plain`` puts mitmproxy without any addon of ours in the proxy's place, and no viewer: what
the machine can do at all. ``--first`` has the system run all of it before other programs, as
on a machine without any; Linux lets root do so. A rate of 0 is as fast as responses come.
Times are wall-clock times of one machine. Status 1 if an exchange was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.bench_tui import screen_on_terminal
from benchmarks.live_load import APP, CLIENTS
from cookietrace.formats import read_capture
from cookietrace.supervision.ports import reserve_port
from cookietrace.supervision.proxy import ProxyOptions, RunningProxy
from cookietrace.trace import Trace, fold

RATE, SECONDS, CLIENT_COUNT = 500.0, 20.0, 8
TARGETS = {100.0: 50.0, RATE: 150.0}
"""Exchanges per second -> milliseconds for the 99th percentile from the wire to the screen."""

KEY_SECONDS = 0.1
KEYS = (*["\x1b[D"] * 5, *["\x1b[C"] * 5, "f", "", "", "")
"""Five steps back, five forward, to the newest; then it follows for a moment."""

_SEEN = re.compile(rb"body-(\d{6})-|([\d,]+) steps")
_PATIENCE = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Load(msgspec.Struct, frozen=True):
    """What clients and app say about one load; times are of the monotonic clock."""

    took: float
    requested: dict[str, int]
    """The number of the client, by the exchange's name, in the order of sending."""
    received: dict[str, tuple[float, str | None]]
    """When the response was complete, and the value that it set."""
    responded: dict[str, float]
    """When the app began to respond."""

    @property
    def rate(self) -> float:
        """The exchanges per second that were reached."""
        return len(self.received) / self.took


class Measured(msgspec.Struct, frozen=True):
    """One measure: the load, what was lost, and the seconds from the wire to the screen."""

    load: Load
    lost: tuple[str, ...]
    """Responses that a client has, and the capture lacks or has otherwise."""
    from_app: tuple[float, ...]
    from_client: tuple[float, ...]
    """The same from the moment at which the client had the whole response."""
    never_shown: int
    processor: dict[str, float]
    """The share of one core that each process took."""
    load_average: float

    def percentile(self, hundredth: int) -> float:
        """Return a percentile from the wire to the screen, in milliseconds."""
        return percentile(self.from_app, hundredth)


def percentile(values: tuple[float, ...], hundredth: int) -> float:
    """Return a percentile of seconds, in milliseconds; 0 for no values."""
    if len(values) < 2:
        return 0.0
    return statistics.quantiles(values, n=100)[hundredth - 1] * 1000


def measure(
    rate: float = RATE,
    seconds: float = SECONDS,
    clients: int = CLIENT_COUNT,
    *,
    still: bool = False,
) -> Measured:
    """Record a load with a viewer, stepped back and forth unless ``still``."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        capture = folder / "live.cookietrace"
        app = stack.enter_context(_running([sys.executable, "-c", APP]))
        upstream = int(_line_of(app))
        mode = f"reverse:http://127.0.0.1:{upstream}@127.0.0.1:0"
        proxy = RunningProxy.start(ProxyOptions(capture=capture, modes=[mode], confdir=folder))
        stack.callback(proxy.stop)
        proxy.wait_until_listening()
        port = int(proxy.listeners[0].address.rpartition(":")[2])
        master, viewer = screen_on_terminal(capture)
        stack.callback(os.close, master)
        stack.callback(_end, viewer, master)
        _read_until(master, b"Waiting")
        sender = stack.enter_context(_running([sys.executable, "-c", CLIENTS]))
        pids = {
            "proxy": proxy.child.process.pid,
            "viewer": viewer.pid,
            "app": app.pid,
            "clients": sender.pid,
        }
        before, begun = processor_seconds(pids), time.monotonic()
        _say(sender, f"{port} {rate} {seconds} {clients}")
        screen = Screen(master)
        screen.watch(sender, still=still)
        spent = processor_seconds(pids)
        elapsed = time.monotonic() - begun
        average = os.getloadavg()[0]
        load = _load(app, sender)
        screen.catch_up(_last(load))
        proxy.stop()
        trace = fold(read_capture(capture))
    from_app, from_client, never = _lags(load, trace, screen)
    return Measured(
        load=load,
        lost=_lost(load, trace),
        from_app=tuple(from_app),
        from_client=tuple(from_client),
        never_shown=never,
        processor={name: (spent[name] - before[name]) / elapsed for name in pids},
        load_average=average,
    )


def measure_plain(
    rate: float = RATE, seconds: float = SECONDS, clients: int = CLIENT_COUNT
) -> tuple[Load, float, float]:
    """Return what the load becomes through mitmproxy alone, its share of a core, and the load."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        app = stack.enter_context(_running([sys.executable, "-c", APP]))
        upstream = int(_line_of(app))
        port = reserve_port()
        plain = stack.enter_context(
            _running(
                [
                    *(
                        sys.executable,
                        "-c",
                        "from mitmproxy.tools.main import mitmdump; mitmdump()",
                    ),
                    *("-q", "--set", f"confdir={folder}", "--mode"),
                    f"reverse:http://127.0.0.1:{upstream}@127.0.0.1:{port}",
                ]
            )
        )
        _wait_for_listener(port)
        sender = stack.enter_context(_running([sys.executable, "-c", CLIENTS]))
        pids = {"mitmproxy": plain.pid}
        before, begun = processor_seconds(pids), time.monotonic()
        _say(sender, f"{port} {rate} {seconds} {clients}")
        assert sender.stdout is not None
        select.select([sender.stdout], [], [], seconds + _PATIENCE)
        spent, elapsed = processor_seconds(pids), time.monotonic() - begun
        average = os.getloadavg()[0]
        load = _load(app, sender)
        return load, (spent["mitmproxy"] - before["mitmproxy"]) / elapsed, average


class Screen:
    """What was drawn when: rows by their exchange's name, and counts of steps."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._rest = b""
        self.rows: dict[str, float] = {}
        self.counts: list[tuple[float, int]] = []
        """In ascending order of both."""

    def watch(self, sender: subprocess.Popen[bytes], *, still: bool) -> None:
        """Read what is drawn, and press keys, until the clients have reported."""
        assert sender.stdout is not None
        due, pressed = time.monotonic() + 1.0, 0
        while True:
            both = [self._master, sender.stdout.fileno()]
            ready = select.select(both, [], [], KEY_SECONDS / 2)[0]
            if self._master in ready:
                self._read()
            if sender.stdout.fileno() in ready:
                break
            if not still and time.monotonic() >= due:
                os.write(self._master, KEYS[pressed % len(KEYS)].encode())
                pressed, due = pressed + 1, due + KEY_SECONDS
        os.write(self._master, b"f")

    def catch_up(self, name: str) -> None:
        """Read on until an exchange's row is drawn; give up after a while."""
        end = time.monotonic() + _PATIENCE
        while name not in self.rows and time.monotonic() < end:
            if select.select([self._master], [], [], 0.1)[0]:
                self._read()

    def _read(self) -> None:
        data, now = self._rest + os.read(self._master, 1 << 18), time.monotonic()
        for match in _SEEN.finditer(data):
            if match[1]:
                self.rows.setdefault(match[1].decode(), now)
                continue
            count = int(match[2].replace(b",", b""))
            if not self.counts or count > self.counts[-1][1]:
                self.counts.append((now, count))
        self._rest = data[-24:]


def _lags(load: Load, trace: Trace, screen: Screen) -> tuple[list[float], list[float], int]:
    """Return the seconds to the screen from the app and from the client, and the never shown."""
    counted = _first_counted(screen, len(trace.rows))
    positions = [row.position for row in trace.rows]
    after = {
        _name(each.request.url): bisect_left(positions, each.response.position) + 1
        for each in trace.exchanges
        if each.response is not None
    }
    from_app, from_client, never = [], [], 0
    for name, (received, _) in load.received.items():
        shown, step = screen.rows.get(name, float("inf")), after.get(name, len(counted))
        if step < len(counted):
            shown = min(shown, counted[step])
        if shown == float("inf"):
            never += 1
            continue
        from_app.append(max(0.0, shown - load.responded[name]))
        from_client.append(max(0.0, shown - received))
    return from_app, from_client, never


def _first_counted(screen: Screen, steps: int) -> list[float]:
    """Return, by the number of a step, when a count that includes it was first drawn."""
    found, counts = [float("inf")] * (steps + 1), iter(screen.counts)
    step = 0
    for at, count in counts:
        while step <= min(count, steps):
            found[step] = at
            step += 1
    return found


def _lost(load: Load, trace: Trace) -> tuple[str, ...]:
    """Return the exchanges that the clients had otherwise than the capture has them."""
    recorded: dict[str, str | None] = {}
    for each in trace.exchanges:
        if each.response is not None:
            sets = [value for name, value in each.response.headers if name.lower() == "set-cookie"]
            value = sets[0].partition("n=")[2].partition(";")[0] if sets else None
            recorded[_name(each.request.url)] = value
    missing = object()
    return tuple(
        name for name, (_, value) in load.received.items() if recorded.get(name, missing) != value
    )


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _last(load: Load) -> str:
    """Return the name of the exchange that a client had last."""
    return max(load.received, key=lambda name: load.received[name][0], default="")


def _load(app: subprocess.Popen[bytes], sender: subprocess.Popen[bytes]) -> Load:
    """Read what the clients and the app report."""
    said: dict[str, Any] = json.loads(_line_of(sender))
    _say(app, "")
    return msgspec.convert({**said, "responded": json.loads(_line_of(app))}, Load)


def run_first() -> bool:
    """Have this process and those that it starts run before others; return whether that works."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except (AttributeError, OSError):
        return False
    return True


# Processes ----------------------------------------------------------------------------------


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for the duration of the block; it is killed after that."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _line_of(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"ended with {process.wait()}"
    return line.decode()


def _say(process: subprocess.Popen[bytes], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()


def _end(viewer: subprocess.Popen[bytes], master: int) -> None:
    """End the viewer, whose last output must be read for it to end."""
    viewer.terminate()
    end = time.monotonic() + _PATIENCE
    while viewer.poll() is None:
        if time.monotonic() > end:
            viewer.kill()
        if select.select([master], [], [], 0.1)[0]:
            try:
                os.read(master, 1 << 16)
            except OSError:
                break
    viewer.wait()


def _read_until(master: int, wanted: bytes) -> None:
    seen = b""
    while wanted not in seen:
        seen += os.read(master, 1 << 16)


def processor_seconds(pids: dict[str, int]) -> dict[str, float]:
    """Return the seconds of processor time that each process has taken."""
    found = {}
    for name, pid in pids.items():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        found[name] = (int(fields[11]) + int(fields[12])) / _TICKS
    return found


def _wait_for_listener(port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("mitmproxy never listened")


def main() -> int:
    """Measure and print; return 0 unless an exchange was lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=float, default=RATE, help="exchanges/s in all; 0: no pause")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--clients", type=int, default=CLIENT_COUNT)
    parser.add_argument("--plain", action="store_true", help="mitmproxy alone, and no viewer")
    parser.add_argument("--still", action="store_true", help="press no keys")
    parser.add_argument("--first", action="store_true", help="before other programs, if allowed")
    given = parser.parse_args()
    if given.first and not run_first():
        parser.error("--first: the system does not allow it")
    asked = f"{given.rate:.0f}/s" if given.rate else "as fast as responses come"
    print(f"{asked} from {given.clients} clients for {given.seconds:.0f} s", flush=True)
    if given.plain:
        load, share, average = measure_plain(given.rate, given.seconds, given.clients)
        _print_load(load, average)
        print(f"  mitmproxy alone took {share:.0%} of a core")
        return 0
    measured = measure(given.rate, given.seconds, given.clients, still=given.still)
    _print_load(measured.load, measured.load_average)
    shares = ", ".join(f"{name} {share:.0%}" for name, share in measured.processor.items())
    print(f"  of a core: {shares}")
    print(f"  lost {len(measured.lost)}, never on the screen {measured.never_shown}")
    for name, values in (
        ("the app's response", measured.from_app),
        ("the client's receipt", measured.from_client),
    ):
        at = ", ".join(f"p{each} {percentile(values, each):.0f} ms" for each in (50, 95, 99))
        at += f", most {max(values, default=0.0) * 1000:.0f} ms"
        print(f"  from {name} to the screen: {at}")
    target = next((most for rate, most in TARGETS.items() if 0 < given.rate <= rate), None)
    if target is not None:
        print(f"  target: p99 from the app's response {target:.0f} ms")
    return 1 if measured.lost else 0


def _print_load(load: Load, average: float) -> None:
    waits = tuple(at - load.responded[name] for name, (at, _) in load.received.items())
    print(
        f"  {len(load.received)} responses to {len(load.requested)} requests, {load.rate:.0f}/s "
        f"reached; app to client p50 {percentile(waits, 50):.1f} ms, "
        f"p99 {percentile(waits, 99):.0f} ms; load average {average:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
