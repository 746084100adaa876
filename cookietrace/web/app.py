"""The addresses of the server, each with what it returns. Nothing here changes the capture."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from cookietrace.lesson.modes import MODES
from cookietrace.web import modes, queries, shapes
from cookietrace.web.assets import SHELL, assets
from cookietrace.web.guard import PRESENTER, Guard, Names
from cookietrace.web.live import Live, Place
from cookietrace.web.refusals import RefusedError
from cookietrace.web.stream import Streams

_SLUGS = frozenset(mode.slug for mode in MODES)


class _Presenting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the presenter's page sends."""

    step: int
    mode: str


_presenting = msgspec.json.Decoder(_Presenting)

Made = TypeVar("Made")

Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(live: Live, streams: Streams | None = None) -> ASGIApp:
    """Return the whole application for a story, with its guard in front."""
    streams = streams if streams is not None else Streams(live)
    scheme = "https" if live.options.certificate is not None else "http"

    async def shell(request: Request) -> Response:
        return _asset(request, SHELL)

    async def asset(request: Request) -> Response:
        return _asset(request, request.path_params["name"])

    async def story(request: Request) -> Response:
        _query(request)
        return _json(shapes.story(live, presents=request.scope[PRESENTER]))

    async def rows(request: Request) -> Response:
        found = _query(request, "from", "to")
        first = queries.number(found, "from", least=1)
        last = queries.number(found, "to", least=1)
        return _json(await _while_wanted(request, shapes.rows(live, first, last)))

    async def step(request: Request) -> Response:
        found = _query(request, "label")
        return _json(shapes.named_step(live, queries.label(found, "label")))

    async def problems(request: Request) -> Response:
        _query(request)
        return _json(await _while_wanted(request, shapes.problems(live)))

    async def doctor(request: Request) -> Response:
        _query(request)
        found = await _while_wanted(request, live.advice())
        return _json({"findings": [{"sure": a, "what": b, "fix": c} for a, b, c in found]})

    async def mode(request: Request) -> Response:
        board = modes.BOARDS.get(request.path_params["slug"])
        if board is None:
            raise RefusedError(404, "there is no such mode")
        found = _query(request, "step", *board.parameters)
        step = queries.number(found, "step", default=0) or len(live.table)
        if step > len(live.table):
            raise RefusedError(404, "there is no such step yet")
        made = await _while_wanted(request, board.make(live, step, found))
        about = {"id": live.changes.id, "mode": request.path_params["slug"], "step": step}
        label = live.table.label(step) if step else ""
        return _json({**about, "label": label, "steps": len(live.table), **made})

    async def answer(request: Request) -> Response:
        found = _query(request, *modes.ANSWER_PARAMETERS)
        return _json(modes.answer(live, found))

    async def presenter(request: Request) -> Response:
        _query(request)
        if not request.scope[PRESENTER]:
            raise RefusedError(403, "only the presenter's address can do this")
        try:
            wanted = _presenting.decode(await request.body())
        except msgspec.MsgspecError:
            raise RefusedError(400, "write a step and a mode as JSON") from None
        if wanted.mode not in _SLUGS or not 0 <= wanted.step <= len(live.table):
            raise RefusedError(400, "there is no such step or mode")
        live.present(Place(wanted.step, wanted.mode))
        return _json(shapes.topic(live, "presenter"))

    return Guard(
        Starlette(
            routes=[
                Route("/", shell),
                Route("/assets/{name:path}", asset),
                Route("/api/story", story),
                Route("/api/rows", rows),
                Route("/api/step", step),
                Route("/api/problems", problems),
                Route("/api/doctor", doctor),
                Route("/api/mode/{slug}", mode),
                Route("/api/quiz/answer", answer),
                Route("/api/presenter", presenter, methods=["POST"]),
                Route("/api/stream", _Stream(streams)),
            ],
            exception_handlers={RefusedError: _refused, HTTPException: _http_refused},
        ),
        Names(live.options.host, live.options.names),
        live.options.tokens,
        scheme=scheme,
    )


class _Stream:
    """The one endpoint that does not end."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            raise RefusedError(405, "the page is read-only")
        found = queries.parameters(scope["query_string"], ("after",))
        await self._streams.serve(queries.number(found, "after", default=0), scope, receive, send)


async def _while_wanted(request: Request, making: Awaitable[Made]) -> Made:
    """Return what is made, in turns; stop making it once nobody waits for it any more.

    Raises ``RefusedError`` then, which nobody sees.
    """
    task = asyncio.ensure_future(making)
    gone = asyncio.create_task(_is_gone(request))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise RefusedError(503, "nobody waits for it")
        return task.result()
    finally:
        task.cancel()
        gone.cancel()


async def _is_gone(request: Request) -> None:
    """Return once whoever asked has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _query(request: Request, *known: str) -> dict[str, str]:
    return dict(queries.parameters(request.scope["query_string"], known))


def _asset(request: Request, name: str) -> Response:
    found = assets().get(name)
    if found is None:
        raise RefusedError(404, "there is no such page")
    headers = {"etag": found.tag}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, headers=headers, media_type=found.content_type)


def _json(value: object) -> Response:
    return Response(shapes.encoded(value) + b"\n", media_type="application/json")


async def _refused(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, RefusedError)
    response = _json({"error": error.line})
    response.status_code = error.status
    return response


async def _http_refused(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, HTTPException)
    lines = {404: "there is no such page", 405: "the page is read-only"}
    response = _json({"error": lines.get(error.status_code, "the request is not valid")})
    response.status_code = error.status_code
    if error.status_code == 405 and error.headers:
        response.headers.update(error.headers)
    return response
