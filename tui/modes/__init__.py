"""The modes: one screen a file, and the table that names them all."""

from __future__ import annotations

from tui.modes.table_of_modes import MODES, Mode

__all__ = ["MODES", "Mode"]
