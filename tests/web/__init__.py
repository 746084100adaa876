"""The live page: its server, and the page itself in real browsers."""
