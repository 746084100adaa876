"""The lessons, in the order of the index.

A new lesson is a file with a blueprint, a template, and an entry here.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint

from demo_app.lessons import (
    credentials,
    greeting,
    lifetimes,
    refusals,
    same_site,
    scope,
    sign_in,
    third_party,
)


class Lesson(NamedTuple):
    """A lesson, as listed on the index."""

    path: str
    title: str
    summary: str
    blueprint: Blueprint


LESSONS: tuple[Lesson, ...] = (
    Lesson(
        greeting.PATH,
        "Hello, cookie",
        "A server sets a cookie, and the browser sends it back. The whole idea in two visits.",
        greeting.lesson,
    ),
    Lesson(
        sign_in.PATH,
        "Signing in and out",
        "A session cookie that scripts cannot read, and the same with Flask's session.",
        sign_in.lesson,
    ),
    Lesson(
        lifetimes.PATH,
        "Lifetimes",
        "Max-Age, Expires, neither, both; and why some deletions delete nothing.",
        lifetimes.lesson,
    ),
    Lesson(
        scope.PATH,
        "Path and Domain",
        "Which URL gets which cookie, and what happens when two have the same name.",
        scope.lesson,
    ),
    Lesson(
        same_site.PATH,
        "SameSite",
        "Which cookies are sent with another site's links, images, scripts and forms.",
        same_site.lesson,
    ),
    Lesson(
        third_party.PATH,
        "Third-party cookies",
        "A widget in another site's page: what it may keep, and what browsers block.",
        third_party.lesson,
    ),
    Lesson(
        credentials.PATH,
        "fetch and credentials",
        "The cookie that a script's request sets, and the browser silently drops.",
        credentials.lesson,
    ),
    Lesson(
        refusals.PATH,
        "Refused",
        "Every way in which a server can set a cookie that the browser refuses.",
        refusals.lesson,
    ),
)
