"""Tests of the index that is kept of a capture."""
