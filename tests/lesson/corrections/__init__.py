"""Corrected Set-Cookie lines, and how nine frameworks write them."""
