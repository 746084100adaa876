"""What the user can choose about a lesson page, apart from its steps."""

from __future__ import annotations

import msgspec


class PageOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The choices for one page; each default is what suits most captures."""

    title: str | None = None
    """The heading; None for one that names the cookie or the host."""
    intro: str = ""
    """A text above the lesson, as the user wrote it. See ``page.intro`` for what it may hold."""
    questions: int | None = None
    """How many questions to ask; None for as many as suit the number of steps."""
    answers: bool = True
    """False for a handout: no answer to any question is in the file."""
