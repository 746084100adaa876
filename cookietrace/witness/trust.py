"""Whether a marked request is to be believed, and the witness to speak at all."""

from __future__ import annotations

import os

from cookietrace.addresses import is_loopback
from cookietrace.errors import LaunchError
from cookietrace.witness.record import parse_mark
from cookietrace.witness.secret import known_secret, same_secret

WITNESS_VARIABLE = "COOKIETRACE_WITNESS"
"""The environment variable that switches the witness on (1) or off (0)."""


def switched_on(*, debug: bool, secret: str | None) -> bool:
    """Tell whether an app's witness is on: in debug mode, by its variable, or by a secret."""
    switch = os.environ.get(WITNESS_VARIABLE, "")
    return switch != "0" and (debug or switch == "1" or secret is not None)


def believed(mark: str, peer: str, secret: str | None) -> bool:
    """Tell whether a mark is this user's own proxy's, sent from this very machine.

    ``peer`` is the address of whoever sent the request. Where no secret is given
    the user's own is asked for; where there is none, nobody is believed.
    """
    words = parse_mark(mark)
    if words is None or not is_loopback(peer):
        return False
    try:
        ours = secret or known_secret()
    except LaunchError:
        return False
    return ours is not None and same_secret(words[1], ours)
