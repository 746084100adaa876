"""The lesson page as text: templates filled in, and a policy that lets nothing else run."""

from __future__ import annotations

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

_ASSETS = files("cookietrace.formats.page") / "assets"

BRIEF_CELLS = 120
"""The most that flow and tracker repeat of one text."""

_SCRIPTS = (
    "page",
    "drawing",
    "snapshot",
    "listings",
    "going",
    "quiz",
    "theme",
    "keys",
    "begin",
)
"""The page's script in its order; it shows what the page says and decides nothing about cookies."""

_IN_SCRIPT = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)
"""What could end a script element, or act in one, as JSON writes it otherwise."""


def render(export: Export) -> str:
    """Return the page of an export. Raises ``FormatError`` where there are too many steps."""
    page = content(export)
    style, script = _asset("style.css"), _script()
    template = _templates().get_template("page.html")
    text = template.render(
        page=page,
        modes=[(mode.slug, mode.title) for mode in MODES],
        version=__version__,
        policy=policy(style, script),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        data=Markup(json_in_script(page.data)),  # noqa: S704 - escaped for where it stands
    )
    # No attribute of ours is in single quotes, so none need be escaped, and cookies have many.
    return text.replace("&#39;", "'")


def policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy under which only this style and this script count.

    No address may be asked for anything, and no text may become markup or code.
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
    """Return a value as JSON that can stand in a script element, whatever texts it holds."""
    return msgspec.json.encode(value).decode().translate(_IN_SCRIPT)


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _asset(name: str) -> str:
    """Return one of our files; indentation is for those who write it."""
    text = _ASSETS.joinpath(*name.split("/")).read_text(encoding="utf-8")
    return "\n".join(line.lstrip() for line in text.splitlines())


def _script() -> str:
    """Return our script as one function, so that its names are nobody else's."""
    parts = "\n".join(_asset(f"script/{name}.js") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}\n}})();'


def brief(text: str) -> str:
    """Return a text that the execution table has in full, cut where it is very long."""
    return clip(text, BRIEF_CELLS)


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["brief"] = brief
    return templates
