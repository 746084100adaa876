"""Recorders for the tests of an app, and the pytest plugin that offers them."""
