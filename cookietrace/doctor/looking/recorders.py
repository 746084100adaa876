"""The recorder that the user means: the one whose capture is being recorded now."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

from cookietrace.addresses import Address, from_here, is_this_machine, parse_address
from cookietrace.doctor.facts import Proxy, Recorder
from cookietrace.doctor.looking.machine import Machine
from cookietrace.doctor.looking.processes import captures_of, command_of, started_by
from cookietrace.errors import CaptureError, LaunchError
from cookietrace.events import Listener
from cookietrace.safe_text import safe
from cookietrace.stores import captures_folder, is_live, list_captures, writer_of

USUAL_PORTS = range(8080, 8090)
"""Where a recorder listens unless it is told otherwise: the first of these that is free."""

_SECONDS = 0.5


def live_capture() -> Path | None:
    """Return the newest capture in the data folder that is being recorded; None if none is."""
    try:
        live = [each for each in list_captures() if each.live]
    except CaptureError:
        return None
    newest = max(live, key=lambda each: each.first_at or 0.0, default=None)
    return None if newest is None else newest.path


def captures_elsewhere(machine: Machine) -> list[Path]:
    """Return the captures outside the data folder that recorders on this machine add to now."""
    return sorted({each for each in captures_of(machine) if is_live(each)})


def folder_of_captures() -> str:
    """Return the folder in which captures are looked for, safe to show."""
    return safe(str(captures_folder()))


def recorder_of(
    machine: Machine,
    capture: Path | None,
    listeners: Sequence[Listener],
    proxy: Address | None,
    *,
    only: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> tuple[Recorder, Path | None]:
    """Return a recorder, and the folder of its CA if its command line names one.

    ``only`` and ``ignore`` hold if its command line cannot be read.
    """
    command: tuple[str, ...] = ()
    by: str | None = None
    live = capture is None or is_live(capture)
    if capture is not None and live:
        process = writer_of(capture)
        command = () if process is None else command_of(machine, process)
        by = None if process is None else started_by(machine, process)
    if any(part.startswith("--capture=") for part in command):
        only, ignore = _values(command, "--only"), _values(command, "--ignore")
    confdir = next(iter(_values(command, "--confdir")), None)
    given = None
    if proxy is not None:
        address = str(proxy)
        said = Recorder(None, live, tuple(listeners))
        given = None if said.takes(Proxy(address)) else address
        others = (each for each in listeners if from_here(each.address) != address)
        listeners = (Listener(mode="regular", address=address), *others)
    closed = frozenset(
        address
        for address in (from_here(each.address) for each in listeners if live)
        if (_is_here(address) or (proxy is not None and address == str(proxy)))
        and not accepts(address)
    )
    found = Recorder(
        None if capture is None else safe(str(capture)),
        live,
        tuple(listeners),
        closed,
        tuple(map(safe, only)),
        tuple(map(safe, ignore)),
        by or "watch",
        given,
    )
    return found, None if confdir is None else Path(confdir)


def listening_here(ports: Iterable[int] = USUAL_PORTS) -> tuple[str, ...]:
    """Return the usual addresses of a recorder at which something accepts connections."""
    return tuple(address for port in ports if accepts(address := f"127.0.0.1:{port}"))


def accepts(address: str) -> bool:
    """Return whether something accepts a connection at ``host:port``; nothing is sent."""
    try:
        where = parse_address(address, "")
        with socket.create_connection((where.host, where.port), timeout=_SECONDS):
            return True
    except (OSError, LaunchError):
        return False


def _is_here(address: str) -> bool:
    return is_this_machine(address.rpartition(":")[0])


def _values(command: Sequence[str], flag: str) -> tuple[str, ...]:
    return tuple(part.partition("=")[2] for part in command if part.startswith(f"{flag}="))
