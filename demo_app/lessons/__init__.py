"""The lessons, in the order in which the index lists them.

A new lesson is one file with a blueprint, its template, and one entry here.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint

from demo_app.lessons import greeting, lifetimes, refusals, refused, same_site, scope, sign_in


class Lesson(NamedTuple):
    """One lesson, as the index shows it."""

    path: str
    title: str
    summary: str
    blueprint: Blueprint


LESSONS: tuple[Lesson, ...] = (
    Lesson(
        greeting.PATH,
        "Hello, cookie",
        "One cookie goes to the browser and comes back. The whole idea in two visits.",
        greeting.lesson,
    ),
    Lesson(
        sign_in.PATH,
        "Signing in and out",
        "A session cookie that scripts cannot read, and the same thing as Flask does it.",
        sign_in.lesson,
    ),
    Lesson(
        lifetimes.PATH,
        "Living and dying",
        "Max-Age, Expires, neither, both; and why some deletions delete nothing.",
        lifetimes.lesson,
    ),
    Lesson(
        scope.PATH,
        "Path and Domain",
        "Which address gets which cookie, and what happens when two share a name.",
        scope.lesson,
    ),
    Lesson(
        same_site.PATH,
        "SameSite",
        "What another site's link, picture, script and form may bring along.",
        same_site.lesson,
    ),
    Lesson(
        refusals.PATH,
        "Refused",
        "Every way a server can send a cookie that the browser will not keep.",
        refused.lesson,
    ),
)
