"""The witness for Bottle: ``witness(app)`` reports what the app did with its cookies.

It is on while Bottle is in debug mode, or if the environment variable
``COOKIETRACE_WITNESS`` is 1, or if the call gives a secret.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from types import FrameType
from typing import Any

import bottle  # type: ignore[import-untyped]

from cookietrace.witness.notes import Notes, Station
from cookietrace.witness.sight import Hooks, Sight, streams_without_length
from cookietrace.witness.view_source import code_of
from cookietrace.witness.view_trace import Landmark
from cookietrace.witness.witnessed_wsgi import WitnessedWsgi


def witness(app: Any, *, secret: str | None = None, ports: Iterable[int] = ()) -> Any:
    """Add a report of what the app did to each response to a marked request; return the app.

    ``app`` is a ``bottle.Bottle``; routes may come before or after. A second call changes
    nothing. ``secret`` and ``ports`` are those of the witness for Flask. Raises
    ``ValueError`` if ``ports`` are none.
    """
    hooks = Hooks(sight=BottleSight, debug=lambda: bool(bottle.DEBUG))
    around = WitnessedWsgi(app.wsgi, hooks, secret, ports)
    if not isinstance(app.wsgi, WitnessedWsgi):
        app.wsgi = around
    return app


class BottleSight(Sight):
    """What is seen of one marked request to a Bottle app."""

    sees_reads = True
    framework = "bottle"

    def began(self, request: Any) -> None:
        """Give the app's requests cookies that note what is asked for."""
        plain = bottle.BaseRequest({**request}).cookies
        request["bottle.request.cookies"] = RecordingForms.of(plain, self.notes)

    def stations(self) -> dict[int, Station]:
        """Return the functions that call the app's code."""
        return {id(code_of(bottle.Bottle.trigger_hook)): _hook_name}

    def landmarks(self) -> Iterable[tuple[Callable[..., Any], Landmark]]:
        """Return what to do when each of these functions is called."""
        return (
            (bottle.Router.match, self._at_match),
            (bottle.BaseResponse.set_cookie, self._at_set_cookie),
            (bottle.BaseResponse.add_header, self._at_header),
            (bottle.BaseResponse.set_header, self._at_header),
        )

    def streamed(self, headers: Mapping[str, str], status: int) -> bool:
        """Return whether the body is made in pieces."""
        return streams_without_length(headers, status, self.method)

    def is_error(self, error: Exception) -> bool:
        """Return whether an exception is one: redirects and responses are raised, too."""
        return isinstance(error, bottle.HTTPError) or not isinstance(error, bottle.HTTPResponse)

    def lines_of(self, value: object) -> Iterable[str]:
        """Return the Set-Cookie lines in what a view returned."""
        if isinstance(value, bottle.HTTPResponse):
            return [line for name, line in value.headerlist if name.lower() == "set-cookie"]
        return ()

    def _at_match(self, frame: FrameType) -> None:
        """The router looks for the route: so does this."""
        given = frame.f_locals
        route, _ = given["self"].match(given["environ"])
        self.choose(route.callback)

    def _at_set_cookie(self, frame: FrameType) -> None:
        """A cookie is being set, or deleted: the same function does both."""
        given = frame.f_locals
        options = given["options"]
        age = options.get("max_age", options.get("maxage"))
        age = age.total_seconds() if isinstance(age, timedelta) else age
        value = None if age is not None and age <= 0 else str(given["value"])
        self.notes.wrote(
            str(given["name"]),
            value,
            frame,
            0,  # a response that the view returns takes over what ``bottle.response`` has
            as_sent=bool(given["secret"]),
            replaces=True,
        )

    def _at_header(self, frame: FrameType) -> None:
        """A header is being added, perhaps a Set-Cookie."""
        given = frame.f_locals
        if str(given["name"]).lower() == "set-cookie":
            self.notes.wrote_line(str(given["value"]), frame, 0)


def _hook_name(frame: FrameType) -> str:
    """Return which of the app's hooks runs."""
    given = frame.f_locals
    name = given.get("_Bottle__name", given.get("__name"))
    return name if name in ("before_request", "after_request") else "other"


class RecordingForms(bottle.FormsDict):  # type: ignore[misc]
    """``request.cookies``, noting each name that the app asks for."""

    _notes: Notes | None = None

    @classmethod
    def of(cls, cookies: Any, notes: Notes) -> RecordingForms:
        """Return the same cookies, which write to these notes."""
        recording = cls()
        recording.dict = {**cookies.dict}
        recording._notes = notes
        return recording

    def _asked(self, name: object, depth: int = 2) -> None:
        if self._notes is not None:
            values = self.dict.get(name) or [None]
            self._notes.read(name, values[-1], sys._getframe(depth))

    def _asked_all(self) -> None:
        for name in list(self.dict):
            self._asked(name, 3)

    def __getitem__(self, key: str) -> Any:
        self._asked(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._asked(key)
        return bool(super().__contains__(key))

    def __iter__(self) -> Any:
        self._asked_all()
        return super().__iter__()

    def get(self, key: str, *given: Any, **named: Any) -> Any:
        """Return the newest value of one name, or the default."""
        self._asked(key)
        return super().get(key, *given, **named)

    def getall(self, key: str) -> Any:
        """Return all values of one name."""
        self._asked(key)
        return super().getall(key)

    def keys(self) -> Any:
        """Return the names."""
        self._asked_all()
        return super().keys()

    def values(self) -> Any:
        """Return the newest value of each name."""
        self._asked_all()
        return super().values()

    def items(self) -> Any:
        """Return each name with its newest value."""
        self._asked_all()
        return super().items()

    def allitems(self) -> Any:
        """Return each name with each of its values."""
        self._asked_all()
        return super().allitems()
