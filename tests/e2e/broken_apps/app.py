"""What a broken app consists of: its bug, how a user meets it, and what must be said about it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from flask import Flask

from tests.judge.browser import Window


class BrokenApp(msgspec.Struct, frozen=True, kw_only=True):
    """A small app with one bug; its fixed form differs in what ``fix`` says, and nothing else."""

    name: str
    create: Callable[[bool], Flask]
    """Takes whether the bug is fixed."""
    play: Callable[[Window, Flask], None]
    """Drives a browser until the user notices the bug, or would if it were not fixed."""
    code: str
    """The problem that ``check`` finds first."""
    cookies: tuple[str, ...]
    """The names that the problem is about."""
    cause: str
    """What the first screen says about the cookie: a line of the verdict, and of the row."""
    fix: str
    """The fix that the first screen names: the beginning of a sentence."""
    browser: str = "chromium"
    """A key of ``VARIANTS``."""


def new_app(fixed: bool) -> Flask:
    """Return an app whose views each belong to a host."""
    app = Flask("broken_app", static_folder=None, host_matching=True)
    app.config["FIXED"] = fixed
    return app


def is_fixed(app: Flask) -> bool:
    """Return whether the bug is fixed."""
    return bool(app.config["FIXED"])


def page(*parts: str) -> str:
    """Return a small HTML page."""
    return "<!doctype html><title>app</title>" + "\n".join(parts)
