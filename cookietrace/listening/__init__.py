"""What a browser says about itself: its log, read as it grows and matched to the recording.

Nothing here starts a browser or writes a capture. A reader turns the browser's log into what was
said about each request (``said``), and a matcher finds the exchange that it is about
(``matching``).
"""
