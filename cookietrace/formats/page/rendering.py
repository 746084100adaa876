"""Renders the lesson page from its templates, under a policy that lets nothing else run."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

import jinja2
import msgspec
from markupsafe import Markup

from cookietrace import __version__
from cookietrace.formats.format import Export
from cookietrace.formats.page.content import content
from cookietrace.lesson.display_text import clip
from cookietrace.lesson.modes import MODES
from cookietrace.lesson.row_marks import SIGNS
from cookietrace.lesson.sections import FIX

_ASSETS = files("cookietrace.formats.page") / "assets"

BRIEF_CELLS = 120
"""The most that the flow and the tracker show of one text."""

WORD_CELLS = 12
"""The longest word that a narrow column shows in one line."""

_PARTS = re.compile(r"[^/=]+[/=]*|[/=]+")

SHARED_SCRIPTS = ("dom", "theme", "keyboard", "drawing", "marking")
"""The parts that are modules of their own, for the live page too."""

_SCRIPTS = (
    *SHARED_SCRIPTS,
    "page",
    "flow",
    "snapshot",
    "sample",
    "panel",
    "problems",
    "predict",
    "navigation",
    "quiz",
    "large",
    "keys",
    "start",
)
"""The parts of the page's script, in order. It decides nothing about cookies."""

_IN_SCRIPT = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)
"""JSON escapes for characters that could end a script element or a line."""


def render(export: Export) -> str:
    """Return the page for an export. Raises ``FormatError`` if there are too many steps."""
    page = content(export)
    labels = page.labels
    style, script = asset("style.css"), _script()
    template = templates().get_template("page.html")
    text = template.render(
        page=page,
        label=lambda step: labels[step - 1],
        signs=SIGNS,
        fix_sign=FIX,
        modes=[(mode.slug, mode.title) for mode in MODES],
        version=__version__,
        policy=policy(style, script),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        data=Markup(json_in_script(page.data)),  # noqa: S704 - escaped for a script element
    )
    # Our attributes never use single quotes, so these need no escaping; cookies have many.
    return text.replace("&#39;", "'")


def policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy that allows this style and this script and nothing else.

    The page may not request any address, and no text may become markup or code.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def json_in_script(value: object) -> str:
    """Return a value as JSON that is safe inside a script element, whatever it contains."""
    return msgspec.json.encode(value).decode().translate(_IN_SCRIPT)


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def asset(name: str) -> str:
    """Return an asset without indentation and lines of comments, to keep the page small."""
    text = _ASSETS.joinpath(*name.split("/")).read_text(encoding="utf-8")
    lines = map(str.lstrip, text.splitlines())
    return "\n".join(line for line in lines if not line.startswith(("//", "/*")))


def _script() -> str:
    """Return our script wrapped in one function, so that it defines no global names.

    What a part imports is in a part before it.
    """
    parts = "\n".join(asset(f"script/{name}.js") for name in _SCRIPTS)
    parts = re.sub(r"^(?:import .*\n|export )", "", parts, flags=re.MULTILINE)
    return f'"use strict";\n(() => {{\n{parts}\n}})();'


def brief(text: str) -> str:
    """Return a text cut to ``BRIEF_CELLS``; the execution table has it in full."""
    return clip(text, BRIEF_CELLS)


def breakable(text: str) -> Markup:
    """Return a text whose long words may break after a slash or an equals sign."""
    return Markup(" ").join(
        Markup("<wbr>").join(_PARTS.findall(word)) if len(word) > WORD_CELLS else word
        for word in text.split(" ")
    )


@cache
def templates() -> jinja2.Environment:
    """Return what finds and fills in the templates of the pages."""
    found = jinja2.Environment(
        loader=jinja2.FunctionLoader(asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["brief"] = brief
    found.filters["breakable"] = breakable
    return found
