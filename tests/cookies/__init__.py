"""Tests of the cookie engine."""
