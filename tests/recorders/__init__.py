"""Tests of many recorders as one story."""
