"""The witness for any WSGI app, whatever its framework: ``app = witness(app)``.

It reports the cookies that the response sets. It cannot see which cookies the app reads,
which view responds, or on which line, and says so; the witness of a framework can.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cookietrace.witness.sight import Hooks, Sight
from cookietrace.witness.witnessed_wsgi import WitnessedWsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def witness(
    app: WSGIApplication, *, secret: str | None = None, ports: Iterable[int] = ()
) -> WSGIApplication:
    """Return the app with a report in each response to a marked request.

    It is on if the environment variable ``COOKIETRACE_WITNESS`` is 1, or if a secret is given.
    ``secret`` and ``ports`` are those of the witness for Flask. Raises ``ValueError`` if
    ``ports`` are none.
    """
    around = WitnessedWsgi(app, Hooks(sight=Sight), secret, ports)
    return app if isinstance(app, WitnessedWsgi) else around
