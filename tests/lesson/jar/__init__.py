"""Tests of the cookie jar."""
