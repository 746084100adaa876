"""The rules of the key moments."""
