"""Whether the witness is on, and whether a mark can be trusted."""

from __future__ import annotations

import os

from cookietrace.addresses import is_this_machine
from cookietrace.witness.mark import parse_mark
from cookietrace.witness.secret import SecretError, known_secret, same_secret

WITNESS_VARIABLE = "COOKIETRACE_WITNESS"
"""The environment variable that switches the witness on (1) or off (0)."""


def switched_on(*, debug: bool, secret: str | None) -> bool:
    """Return whether an app's witness is on: in debug mode, by the variable, or by a secret."""
    switch = os.environ.get(WITNESS_VARIABLE, "")
    return switch != "0" and (debug or switch == "1" or secret is not None)


def trusted_mark(mark: str, peer: str, secret: str | None) -> bool:
    """Return whether a mark comes from this user's own proxy, on this machine.

    ``peer`` is the address that the request came from. Without a ``secret`` the
    mark is compared with the user's own; if there is none, no mark is trusted.
    """
    words = parse_mark(mark)
    if words is None or not is_this_machine(peer):
        return False
    try:
        ours = secret or known_secret()
    except SecretError:
        return False
    return ours is not None and same_secret(words[1], ours)
