"""Tests of what is said about one line in every browser."""
