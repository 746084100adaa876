"""The rules of -22: which cookies are stored, sent, replaced and evicted."""
