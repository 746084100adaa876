"""The screen in browser tabs: a web server that runs one ``python -m tui`` per tab."""
