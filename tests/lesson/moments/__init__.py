"""Tests of the key moments."""
