"""The app: it owns the state, passes messages on, and opens the dialogs."""
