"""Tests of the texts of the nine modes."""
