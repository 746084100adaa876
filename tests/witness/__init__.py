"""The witness: its report, its secret, and what it reports of Flask apps."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
