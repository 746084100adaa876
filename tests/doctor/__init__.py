"""Tests of the doctor: checks as data, and what is looked at as files."""
