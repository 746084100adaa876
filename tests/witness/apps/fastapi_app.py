"""Views in FastAPI, where they differ from Starlette's."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, FastAPI, HTTPException, Request, Response


def make_app() -> FastAPI:
    """Return the app, without a witness."""
    app = FastAPI()
    app.include_router(router, prefix="/mounted")
    app.include_router(router)
    app.middleware("http")(early)
    return app


router = APIRouter()


async def early(request: Request, call_next: Any) -> Any:
    """Read a cookie, and respond for one path before any view can."""
    if request.url.path != "/early":
        return await call_next(request)
    response = Response("early", status_code=403)
    response.set_cookie("early", str(request.cookies.get("early")))
    return response


@router.get("/hello")
def hello(request: Request, response: Response) -> str:
    """Greet."""
    user = request.cookies.get("user")
    body = f"Hello {user}"
    response.set_cookie("user", "Alice")
    return body


@router.get("/later")
async def later(request: Request, response: Response) -> str:
    """Wait, and continue."""
    user = request.cookies.get("user")
    await asyncio.sleep(0.01)
    body = f"later {user}"
    response.set_cookie("user", "Bob")
    return body


@router.get("/parameter")
async def parameter(user: Annotated[str | None, Cookie()] = None) -> str:
    """Read in a parameter."""
    return str(user)


def look_up(request: Request) -> Any:
    """Read a cookie for a view, in a thread."""
    return request.cookies.get("user")


@router.get("/dependency")
async def dependency(found: Annotated[Any, Depends(look_up)]) -> str:
    """Read in a dependency."""
    return str(found)


@router.get("/fails")
def fails() -> str:
    """Catch one error, and raise another."""
    try:
        int("x")
    except ValueError:
        caught = "yes"
    raise HTTPException(418, caught)
