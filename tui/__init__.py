"""The terminal front end: one screen a mode, one widget a file, over one trace."""
