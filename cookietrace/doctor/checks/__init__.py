"""The checks, in the order in which those that are equally sure are told.

Each module has one function, from facts to findings. It asks nothing else: no file, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from cookietrace.doctor.checks import (
    app_itself,
    attempt,
    authority,
    browsers,
    extensions,
    hsts,
    loopback,
    not_seen,
    quic,
    recorder,
    refused_tls,
    scope,
    service_worker,
    system_proxy,
    trust,
    unused,
    variables,
    vpn,
    without_variables,
)
from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding

Check = Callable[[Facts], Iterator[Finding]]

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "recorder": recorder.check,
        "attempt": attempt.check,
        "scope": scope.check,
        "refused-tls": refused_tls.check,
        "not-seen": not_seen.check,
        "app-itself": app_itself.check,
        "loopback": loopback.check,
        "hsts": hsts.check,
        "unused": unused.check,
        "browsers": browsers.check,
        "system-proxy": system_proxy.check,
        "variables": variables.check,
        "service-worker": service_worker.check,
        "authority": authority.check,
        "trust": trust.check,
        "extensions": extensions.check,
        "without-variables": without_variables.check,
        "quic": quic.check,
        "vpn": vpn.check,
    }
)
"""Name -> check; one more is a module beside this one, and a line here."""
