"""The apps of all frameworks, with and without a witness, and how to ask them."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.witness.asking import SECRET
from tests.witness.serving import Ask, asking_asgi, asking_wsgi


class Served(NamedTuple):
    """An app of the tests, and the witness for it."""

    witness: str
    """The module of the witness, in ``cookietrace.witness``."""
    app: str
    """The module of the app, in ``tests.witness.apps``."""
    is_async: bool

    def make(self) -> Any:
        """Return the app, without a witness."""
        module = importlib.import_module(f"tests.witness.apps.{self.app}")
        if self.witness == "django":
            return module.make_app(is_async=self.is_async)
        return module.make_app()

    def asking(self, app: Any, peer: str = "127.0.0.1") -> Ask:
        """Return what asks an app of this kind."""
        return (asking_asgi if self.is_async else asking_wsgi)(app, peer)

    @property
    def module(self) -> Any:
        """The module of the witness."""
        return importlib.import_module(f"cookietrace.witness.{self.witness}")


SERVED = {
    "bottle": Served("bottle", "bottle_app", is_async=False),
    "pyramid": Served("pyramid", "pyramid_app", is_async=False),
    "django-wsgi": Served("django", "django_app", is_async=False),
    "django-asgi": Served("django", "django_app", is_async=True),
    "starlette": Served("starlette", "starlette_app", is_async=True),
    "fastapi": Served("starlette", "fastapi_app", is_async=True),
    "quart": Served("quart", "quart_app", is_async=True),
    "wsgi": Served("wsgi", "bottle_app", is_async=False),
    "asgi": Served("asgi", "starlette_app", is_async=True),
}
"""Every app; the last two are those of a framework, witnessed as any app is."""


@functools.cache
def witnessed(name: str) -> Any:
    """Return the app of this name, with a witness that is on."""
    served = SERVED[name]
    witness: Callable[..., Any] = served.module.witness
    return witness(served.make(), secret=SECRET)
