"""Whether the witness is on, and whether a mark can be trusted."""

from __future__ import annotations

import enum
import functools
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable

from cookietrace.witness.arrival import Arrival
from cookietrace.witness.mark import (
    MAC_TAG,
    PROTOCOL,
    Mark,
    first_version_secret,
    mark_key,
    read_mark,
)
from cookietrace.witness.secret import SECRET_VARIABLE, SecretError, known_secret, same_secret

WITNESS_VARIABLE = "COOKIETRACE_WITNESS"
"""The environment variable that switches the witness on (1) or off (0)."""

PORTS_VARIABLE = "COOKIETRACE_PORTS"
"""The environment variable that names the ports that the app answers for, besides its own."""

VALID_SECONDS = 20.0
"""How far a mark's time may be from the app's clock, either way."""

USED_LIMIT = 16384
"""The maximum number of used marks that are remembered."""

LOGGER = "cookietrace.witness"
"""The name of the logger of what the app's developer should know."""

_LINES_LIMIT = 20


class Verdict(enum.Enum):
    """What to do about a mark."""

    FOLLOW = "follow"
    """It is right: follow the request, and report."""
    OTHER_VERSION = "other version"
    """It is of another version of the protocol: say which version this is, and nothing else."""
    REFUSE = "refuse"
    """The user's own proxy made it, but not for this app, or not now: report nothing."""
    IGNORE = "ignore"
    """Anyone may have made it: leave the request as it is."""


def switched_on(*, debug: bool, secret: str | None) -> bool:
    """Return whether an app's witness is on: in debug mode, by the variable, or by a secret."""
    switch = os.environ.get(WITNESS_VARIABLE, "")
    return switch != "0" and (debug or switch == "1" or secret is not None)


def checked_ports(ports: object) -> frozenset[int]:
    """Return the ports that a call names; raises ``ValueError`` in one line if one is none."""
    checked: set[int] = set()
    for port in ports if isinstance(ports, Iterable) else [None]:
        if type(port) is not int or not 0 < port < 65536:
            raise ValueError(f"{ports!r} is not a list of ports: write it as in ports=[5173, 8080]")
        checked.add(port)
    return frozenset(checked)


@functools.lru_cache(maxsize=8)
def ports_named(variable: str) -> tuple[frozenset[int], tuple[str, ...]]:
    """Return the ports in a value of ``COOKIETRACE_PORTS``, and the words that are none."""
    words = [word for word in re.split(r"[,\s]+", variable) if word]
    good = [word for word in words if re.fullmatch(r"0*[1-9][0-9]{0,4}", word)]
    ports = [int(word) for word in good if int(word) < 65536]
    bad = [word for word in words if word not in good or int(word) > 65535]
    return frozenset(ports), tuple(bad)


class Trust:
    """Decides about each mark that reaches an app, in one worker process; thread-safe.

    Without a ``secret``, marks are checked with the user's own; if there is none, no mark is
    trusted. ``ports`` are those of other servers on this machine that pass requests on to the
    app. What the developer should know is logged, each line once.
    """

    def __init__(
        self,
        secret: str | None,
        ports: Iterable[int] = (),
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._secret = secret
        self._ports = checked_ports(ports)
        self._clock = clock
        self._used = _UsedMarks()
        self._logged: set[str] = set()

    def judge(self, value: str, arrival: Arrival) -> Verdict:
        """Return what to do about the mark of a request; each right mark is followed once."""
        secret = self._known_secret(arrival)
        if secret is None:
            return Verdict.IGNORE
        mark = read_mark(value, mark_key(secret))
        if mark is None:
            first = first_version_secret(value)
            if first is None or not same_secret(first, secret):
                self._log_forged(value, arrival)
                return Verdict.IGNORE
            mark = Mark(1)
        if not arrival.is_local:
            self._log("peer", _other_peer(arrival.peer))
            return Verdict.REFUSE
        if mark.version != PROTOCOL:
            self._log("version", _other_version(mark.version))
            return Verdict.OTHER_VERSION
        return self._judge_made(mark, arrival) if mark.exchange_id else Verdict.IGNORE

    def check_ports(self) -> None:
        """Log what is wrong with ``COOKIETRACE_PORTS``, once."""
        _, bad = ports_named(os.environ.get(PORTS_VARIABLE, ""))
        if bad:
            self._log(
                "variable",
                f"{PORTS_VARIABLE} has {bad[0][:40]!a}, which is not a port and is ignored: "
                f"write it as in {PORTS_VARIABLE}=5173,8080",
            )

    def _judge_made(self, mark: Mark, arrival: Arrival) -> Verdict:
        """Return what to do about a mark of this version, made with the key on this machine."""
        if not self._answers_for(mark.address, arrival):
            self._log(f"address {mark.address}", _other_address(mark.address, arrival.address))
            return Verdict.REFUSE
        now = self._clock()
        if abs(now - mark.at) > VALID_SECONDS:
            self._log("time", _other_time(now - mark.at))
            return Verdict.REFUSE
        if not self._used.add(mark.mac, mark.at, now):
            self._log(
                "again",
                "no second report: the same mark arrived again. A server between the proxy "
                "and this app repeats requests.",
            )
            return Verdict.REFUSE
        return Verdict.FOLLOW

    def _answers_for(self, address: str, arrival: Arrival) -> bool:
        """Return whether a request to this address may end at this app."""
        if address == arrival.address:
            return True
        self.check_ports()
        named, _ = ports_named(os.environ.get(PORTS_VARIABLE, ""))
        return address in {f"localhost:{port}" for port in self._ports | named}

    def _known_secret(self, arrival: Arrival) -> str | None:
        """Return the secret that marks are checked with, None if there is none."""
        if self._secret:
            return self._secret
        try:
            secret = known_secret()
        except SecretError as error:
            secret, why = None, str(error)
        else:
            why = f"set {SECRET_VARIABLE} to the same value for the proxy and the app"
        if secret is None and arrival.is_local:
            self._log("secret", f"no report: the app has no secret to check the mark with: {why}")
        return secret

    def _log_forged(self, value: str, arrival: Arrival) -> None:
        """Log that a mark was not made with the key, if it comes from here and looks like one."""
        if arrival.is_local and MAC_TAG in value:
            self._log(
                "key",
                "no report: a request has a mark that was made with another secret. It may come "
                f"from another user's proxy; otherwise set {SECRET_VARIABLE} to the same value "
                "for the proxy and the app.",
            )

    def _log(self, about: str, line: str) -> None:
        """Log a line, if none was logged about the same; few lines in all."""
        if about not in self._logged and len(self._logged) < _LINES_LIMIT:
            self._logged.add(about)
            logging.getLogger(LOGGER).warning("cookietrace witness: %s", line)


class _UsedMarks:
    """The marks that have been used, for as long as they would be valid."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        """MAC -> when the mark is no longer valid; in the order of use."""
        self._oldest = 0.0
        """Marks made then or before are refused: they may have been used and forgotten."""
        self._lock = threading.Lock()

    def add(self, mac: str, at: float, now: float) -> bool:
        """Use a mark; return False if it may have been used before."""
        with self._lock:
            if mac in self._until or at <= self._oldest:
                return False
            while self._until:
                first, until = next(iter(self._until.items()))
                if until >= now:
                    if len(self._until) < USED_LIMIT:
                        break
                    self._oldest = max(self._oldest, until - VALID_SECONDS)
                del self._until[first]
            self._until[mac] = at + VALID_SECONDS
            return True


def _other_peer(peer: str) -> str:
    """Return what is said about a request that did not come from this machine."""
    return (
        f"no report: a marked request came from {peer[:60]!a}, and the witness responds "
        "only to this machine. If the app runs in a container, let it use the host's network."
    )


def _other_version(version: int) -> str:
    """Return what is said about a mark of another version."""
    if version < PROTOCOL:
        what = "update the cookietrace that records"
    else:
        what = "make cookietrace_witness.py again with the cookietrace that records"
    return (
        f"no report: the proxy speaks version {version} of the protocol, and this witness "
        f"version {PROTOCOL}: {what}."
    )


def _other_address(address: str, own: str | None) -> str:
    """Return what is said about a mark for another address."""
    host, _, port = address.rpartition(":")
    here = f"at {own}" if own is not None else "on a port that it cannot determine"
    line = f"no report: the proxy sent a request to {address}, and this app listens {here}."
    if host != "localhost":
        return f"{line} Open it as localhost instead of {host}."
    return (
        f"{line} If the server at port {port} passes requests on to this app, name its port: "
        f"witness(app, ports=[{port}]), or {PORTS_VARIABLE}={port}."
    )


def _other_time(age: float) -> str:
    """Return what is said about a mark of this age, in seconds by the app's clock."""
    if age > 0:
        when = f"{age:,.0f} seconds ago"
        why = "Either the request waited for the app that long, or the clock"
    else:
        when = f"{-age:,.0f} seconds from now"
        why = "The clock"
    return (
        f"no report: by this machine's clock, the mark was made {when}, and it is valid for "
        f"{VALID_SECONDS:.0f}. {why} of the proxy's machine differs: set the clock of the "
        "container or virtual machine."
    )
