"""Tests of files of cookies."""
