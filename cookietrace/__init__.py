"""cookietrace: what happened to my cookie, and why? The core, free of any proxy or screen."""

__version__ = "0.2.0"
