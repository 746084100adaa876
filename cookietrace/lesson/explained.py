"""What ``cookietrace explain --json`` prints of an exchange, as structs: one field per key.

They are not frozen, so that secrets can be replaced in place; and they have no cycles, so that a
million of them cost the garbage collector nothing.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from cookietrace.cookies import Credentials, Outcome, SameSite, Site, Standing, StorageAccess
from cookietrace.cookies.codes import Code
from cookietrace.lesson.browser_says import Word


class Failed(msgspec.Struct, gc=False):
    """Why an exchange failed."""

    kind: str
    message: str


class Context(msgspec.Struct, gc=False, rename={"sources": "from"}):
    """The context of the request, as the rules see it."""

    site: Site
    top_level: bool
    unsafe: bool
    credentials: Credentials
    storage_access: StorageAccess | None
    top_level_site: str | None
    certain: bool
    sources: list[str]


class Sent(msgspec.Struct, gc=False):
    """One cookie of the Cookie header."""

    name: str
    value: str
    domain: str
    path: str
    status: Literal["sent", "script", "unexplained", "overlapping"]


class ByScript(msgspec.Struct, gc=False):
    """A cookie that a script wrote, or tried to write, before the request."""

    name: str
    domain: str
    path: str
    stored: bool
    """Whether the browser stored it."""
    source: str | None
    """The script's URL; None if it is not known, as without ``--watch-scripts``."""
    line: int | None
    why: str | None
    """Why it was not stored, in the browser's own words, if it says so."""


class NotSent(msgspec.Struct, gc=False):
    """A cookie of the jar that was rightly not sent."""

    name: str
    value: str
    domain: str
    path: str
    reasons: list[Code]


class Absent(msgspec.Struct, gc=False):
    """A cookie of the jar that should have been sent."""

    name: str
    value: str
    domain: str
    path: str
    status: Literal["missing", "overlapping"]
    reasons: list[Code]


class Gone(msgspec.Struct, gc=False):
    """A cookie that left the jar by itself."""

    name: str
    domain: str
    path: str
    reason: Literal["expired", "evicted"]


class SetLine(msgspec.Struct, gc=False):
    """The verdict on one Set-Cookie line."""

    raw: str
    name: str
    value: str
    outcome: Outcome
    reasons: list[Code]
    warnings: list[Code]
    standing: Standing
    settled_by: str | None


class InJar(msgspec.Struct, gc=False):
    """A cookie of the client's jar."""

    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    http_only: bool
    same_site: SameSite
    expires_at: float | None
    partition_key: str | None
    inferred: bool
    doubtful: bool


class OwnVerdict(msgspec.Struct, gc=False):
    """What the browser itself says about one verdict."""

    of: Literal["request", "response"]
    name: str
    domain: str
    path: str
    line: int | None
    """Which Set-Cookie line of the response it is about, from 0."""
    word: Word
    """``predicted``, ``confirmed`` or ``disputed``."""
    ours: str
    our_reasons: list[Code]
    theirs: str | None
    """``sent``, ``withheld``, ``stored`` or ``refused``; None if it said nothing."""
    their_reasons: list[str]
    """In the browser's own words."""
    guess: bool
    """Whether the verdict was uncertain; what the browser says settles it."""


class OwnWord(msgspec.Struct, gc=False):
    """What the browser itself says about an exchange."""

    said_by: str
    word: Word
    """Disputed if one of the verdicts is, guesses aside."""
    credentials: bool | None
    initiator: str | None
    site_for_cookies: str | None
    verdicts: list[OwnVerdict]


class Omitted(msgspec.Struct, gc=False, omit_defaults=True):
    """How many cookies were left out of the lists; only of those that were shortened."""

    withheld: int = 0
    missing: int = 0
    jar: int = 0
    browser: int = 0
    """Verdicts of which the browser's own word is left out."""


class ByHand(msgspec.Struct, gc=False):
    """One cookie that the user had changed, or left out, on the wire."""

    of: str
    """``request``: the app got another one; ``response``: the browser did."""
    name: str
    left_out: bool


class Explained(msgspec.Struct, gc=False):
    """The verdicts on one exchange."""

    number: int
    step: int | None
    exchange_id: str
    client_id: str
    at: float
    method: str
    url: str
    status_code: int | None
    failure: Failed | None
    profile: str
    context: Context
    observed_cookie_header: str
    expected_cookie_header: str
    request_cookies: list[Sent]
    withheld: list[NotSent]
    missing: list[Absent]
    removed: list[Gone]
    withheld_elsewhere: int
    set_cookies: list[SetLine]
    jar: list[InJar] | UnsetType = UNSET
    """The client's jar after the exchange, if that was asked for."""
    omitted: Omitted | UnsetType = UNSET
    edited: list[ByHand] | UnsetType = UNSET
    """What the user had changed of it on the wire."""
    browser: OwnWord | UnsetType = UNSET
    """What the browser itself says, if it was listened to."""
    scripts: list[ByScript] | UnsetType = UNSET
    """What scripts wrote, if the browser says so about any cookie of the request."""
