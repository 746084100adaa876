"""The widgets. Each is given what it shows, and posts messages; none knows the app."""
