"""The page itself: its markup, with the parts that it shares with the lesson page."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

import jinja2

from cookietrace import __version__
from cookietrace.lesson.modes import MODES

OWN: Final = files("cookietrace.web") / "assets"
SHARED: Final = files("cookietrace.formats.page") / "assets"
"""The files of the lesson page: its style, its drawing of the flow, and some of its scripts."""

_LEADS: Final = {
    "flow": "The seven stages of a cookie's round trip. "
    "The stages of the selected step are lit and show its cookies.",
    "sample": "The code that handled the request, with the lines that ran "
    "and the values of its variables, as the server reported them.",
    "table": "One row per request. "
    "When the client stores or refuses cookies, a row of its own says so.",
    "tracker": "One row per variable, one column per step. "
    "A value in bold was changed by that step.",
    "moments": "Questions about this trace, each answered from its steps.",
    "quiz": "Questions about this trace. You can find every answer in the other modes.",
    "snapshot": "What this trace has shown up to the selected step.",
    "transcript": "The whole story in plain text, suited to a screen reader.",
    "jar": "The cookies that the client holds at the selected step, "
    "and those that it has lost or refused.",
}
"""What each mode shows, by its slug."""


@cache
def shell() -> bytes:
    """Return the page. It holds nothing of any capture."""

    def load(name: str) -> str | None:
        for folder in (OWN, SHARED):
            path = folder.joinpath(*name.split("/"))
            if path.is_file():
                return path.read_text(encoding="utf-8")
        return None

    templates = jinja2.Environment(
        loader=jinja2.FunctionLoader(load),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = templates.get_template("index.html").render(
        modes=[(mode.slug, mode.title) for mode in MODES],
        leads=_LEADS,
        version=__version__,
    )
    return text.encode()
