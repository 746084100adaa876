"""What the screens show, as plain values. Nothing here knows about widgets."""
