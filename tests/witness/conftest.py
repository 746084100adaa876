"""The app that the witness's tests share."""

from __future__ import annotations

import pytest
from flask import Flask

from cookietrace.witness.flask import witness
from tests.witness.asking import SECRET
from tests.witness.flask_app import make_app


@pytest.fixture
def app() -> Flask:
    """The app of many views, with a witness that is on."""
    app = make_app()
    witness(app, secret=SECRET)
    return app
