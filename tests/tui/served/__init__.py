"""Tests of the server of browser tabs."""
