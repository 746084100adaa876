"""The terminal front end: one screen per mode, all showing one trace."""
