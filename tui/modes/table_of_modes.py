"""MODES: the nine modes of the design, each with its key, its name and its screen."""

from __future__ import annotations

from typing import Final

import msgspec

from tui.modes.base import ModeScreen
from tui.modes.flow import FlowScreen
from tui.modes.jar import JarScreen
from tui.modes.moments import MomentsScreen
from tui.modes.quiz import QuizScreen
from tui.modes.recap import RecapScreen
from tui.modes.sample import SampleScreen
from tui.modes.table import TableScreen
from tui.modes.tracker import TrackerScreen
from tui.modes.transcript import TranscriptScreen


class Mode(msgspec.Struct, frozen=True):
    """One mode. A new one is one new entry, and one new file with its screen."""

    key: str
    name: str
    """As short as the bar at the top needs it."""
    title: str
    screen: type[ModeScreen]


MODES: Final = (
    Mode("1", "Flow", "Concept flow", FlowScreen),
    Mode("2", "Code", "Execution sample", SampleScreen),
    Mode("3", "Table", "Execution table", TableScreen),
    Mode("4", "Tracker", "Variable tracker", TrackerScreen),
    Mode("5", "Moments", "Key moments", MomentsScreen),
    Mode("6", "Quiz", "Visual quiz", QuizScreen),
    Mode("7", "Recap", "Concept snapshot", RecapScreen),
    Mode("8", "Story", "Full transcript", TranscriptScreen),
    Mode("9", "Jar", "Cookie jar", JarScreen),
)
"""In the order of their keys."""
