"""Where traffic for any address goes: the interface of the default route."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.facts import NotLooked, Route
from cookietrace.doctor.looking.machine import Machine
from cookietrace.safe_text import safe

_EVERYTHING = frozenset(
    {("00000000", "00000000"), ("00000000", "00000080"), ("00000080", "00000080")}
)
"""Destination and mask of a default route, and of the two halves with which a VPN covers it."""

_ROUTES_OF_MACOS = frozenset({"default", "0/1", "128.0/1"})


def routes(machine: Machine) -> Iterator[Route | NotLooked]:
    """Yield the interfaces of the routes for every address, or for half of them."""
    if machine.system == "macos":
        printed = machine.output(["netstat", "-rn", "-f", "inet"])
        if printed is None:
            yield NotLooked("the default route", "`netstat` is missing or failed")
        for line in (printed or "").splitlines():
            fields = line.split()
            if len(fields) >= 4 and fields[0] in _ROUTES_OF_MACOS:
                yield Route(safe(fields[3]))
        return
    table = machine.text(machine.at("/proc/net/route"))
    if table is None:
        yield NotLooked("the default route", "there is no /proc/net/route")
    for line in (table or "").splitlines()[1:]:
        fields = line.split()
        if len(fields) >= 8 and (fields[1], fields[7]) in _EVERYTHING:
            yield Route(safe(fields[0]))
