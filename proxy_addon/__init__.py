"""The mitmproxy addon: its hooks turn flows into events, and append them to a capture."""
