"""The dialogs: one a file; each dismisses with what the person chose, or None."""
