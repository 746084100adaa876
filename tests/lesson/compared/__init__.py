"""Tests of what is said of one line in every browser."""
