"""The two themes. Only cookies have colour, and every colour has one meaning.

Everything else is monochrome on purpose. Green is a cookie that was sent, amber one that
was withheld, red something that was refused or failed, blue a change in the jar, magenta
something that was not as predicted. Each colour comes with a sign (``tui.drawing.tones``).
Source code has softer colours of its own.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

DARK: Final = Theme(
    name="cookietrace-dark",
    primary="#9aa7bd",
    secondary="#6f7c93",
    accent="#c9d3e6",
    warning="#e8b84f",
    error="#ff7a7a",
    success="#8fd16f",
    foreground="#d9dfea",
    background="#0f131a",
    surface="#151a23",
    panel="#1c2330",
    dark=True,
    variables={
        "sent": "#8fd16f",
        "withheld": "#e8b84f",
        "refused": "#ff7a7a",
        "changed": "#6db8ff",
        "odd": "#e79be0",
        "quiet": "#8a96aa",
        "code-keyword": "#b3a4ee",
        "code-text": "#d0bb8f",
        "code-number": "#dca07c",
        "code-name": "#86c5c5",
        "code-comment": "#8a96aa",
        "rule": "#2b3546",
        "cursor": "#2a3a55",
        "cursor-blurred": "#1f2836",
        "match": "#5a4a12",
        "chip": "#d9dfea",
        "chip-text": "#0f131a",
        "block-cursor-background": "#2a3a55",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "footer-background": "#151a23",
        "footer-key-foreground": "#d9dfea",
        "footer-description-foreground": "#8a96aa",
        "border": "#9aa7bd",
        "border-blurred": "#2b3546",
        "scrollbar": "#3a465a",
        "scrollbar-background": "#151a23",
        "scrollbar-hover": "#54627a",
        "scrollbar-active": "#9aa7bd",
        "input-selection-background": "#9aa7bd 35%",
    },
)
"""For dark terminals."""

LIGHT: Final = Theme(
    name="cookietrace-light",
    primary="#4a5468",
    secondary="#707a8e",
    accent="#1f2530",
    warning="#8a5800",
    error="#b81d24",
    success="#1b7530",
    foreground="#22262e",
    background="#fbfaf7",
    surface="#f2f0ea",
    panel="#e8e5dd",
    dark=False,
    variables={
        "sent": "#1b7530",
        "withheld": "#8a5800",
        "refused": "#b81d24",
        "changed": "#0a58b8",
        "odd": "#8f2a8f",
        "quiet": "#5d6575",
        "code-keyword": "#5a3fa6",
        "code-text": "#6b5514",
        "code-number": "#8d4318",
        "code-name": "#125f66",
        "code-comment": "#5d6575",
        "rule": "#cfcbc0",
        "cursor": "#cfdcf2",
        "cursor-blurred": "#e6e8ee",
        "match": "#ffe79a",
        "chip": "#22262e",
        "chip-text": "#fbfaf7",
        "block-cursor-background": "#cfdcf2",
        "block-cursor-foreground": "#10131a",
        "block-cursor-text-style": "bold",
        "footer-background": "#f2f0ea",
        "footer-key-foreground": "#22262e",
        "footer-description-foreground": "#5d6575",
        "border": "#4a5468",
        "border-blurred": "#cfcbc0",
        "scrollbar": "#bdb8ab",
        "scrollbar-background": "#f2f0ea",
        "scrollbar-hover": "#a09a8b",
        "scrollbar-active": "#4a5468",
        "input-selection-background": "#4a5468 30%",
    },
)
"""For light terminals."""

THEMES: Final = (DARK, LIGHT)
"""All themes."""


def theme_name(setting: str) -> str:
    """Return the name of the theme that the setting ``dark`` or ``light`` means."""
    return LIGHT.name if setting == "light" else DARK.name


def setting_of(name: str) -> str:
    """Return the setting that means the theme of that name."""
    return "light" if name == LIGHT.name else "dark"


def other_theme(name: str) -> str:
    """Return the name of the theme that is not ``name``."""
    return LIGHT.name if name == DARK.name else DARK.name
