"""Two captures side by side, as a screen of its own."""
