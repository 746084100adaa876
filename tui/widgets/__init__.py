"""The widgets: one a file; each takes what it shows and posts messages, none knows the app."""
