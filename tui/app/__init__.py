"""The app, and the controllers that it owns: one per thing that the user can do."""
