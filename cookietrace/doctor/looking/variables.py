"""The environment variables that programs go by for proxies and certificates."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.facts import Variable
from cookietrace.doctor.looking.machine import Machine
from cookietrace.doctor.looking.passwords import without_password
from cookietrace.safe_text import safe

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_OTHERS = ("no_proxy",)
_PLAIN = ("NODE_USE_ENV_PROXY", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS")


def variables(machine: Machine) -> Iterator[Variable]:
    """Yield those that are set. Passwords are left out."""
    for name in _PROXIES:
        for each in (name, name.upper()):
            if each in machine.environment:
                yield Variable(each, without_password(machine.environment[each]))
    for name in (*_OTHERS, *(other.upper() for other in _OTHERS), *_PLAIN):
        if name in machine.environment:
            yield Variable(name, safe(machine.environment[name]))
