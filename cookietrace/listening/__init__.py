"""What a browser says of itself: its own log, read as it grows, and matched to what was recorded.

Nothing here starts a browser or writes a capture. A reader turns the browser's log into what was
said of each request (``said``), and a matcher finds the exchange that it is about (``matching``).
"""
