"""Tests of what changed between two captures."""
