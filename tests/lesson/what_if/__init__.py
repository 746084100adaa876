"""Tests of captures that are told again with something changed."""
