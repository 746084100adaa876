"""The threads behind the screen: they do the waiting, and post a message when there is news."""
