"""Checks of captures, their reports, and what a project ignores."""
