"""The modes: one screen per file, and the table of all of them."""

from __future__ import annotations

from typing import Final

from tui.modes.base import ModeScreen
from tui.modes.flow import FlowScreen
from tui.modes.jar import JarScreen
from tui.modes.moments import MomentsScreen
from tui.modes.quiz import QuizScreen
from tui.modes.sample import SampleScreen
from tui.modes.snapshot import SnapshotScreen
from tui.modes.table import TableScreen
from tui.modes.tracker import TrackerScreen
from tui.modes.transcript import TranscriptScreen

SCREENS: Final[tuple[type[ModeScreen], ...]] = (
    FlowScreen,
    SampleScreen,
    TableScreen,
    TrackerScreen,
    MomentsScreen,
    QuizScreen,
    SnapshotScreen,
    TranscriptScreen,
    JarScreen,
)
"""The screen of each mode, in the order of the modes' keys."""
