"""Tests of the screen, driven with keys and mouse over real captures."""
