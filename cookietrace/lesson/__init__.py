"""What a person reads, computed from a trace: one file a mode.

The screens, the exports and the command line all print what this room returns,
so they cannot disagree. Texts that come from the wire leave here as display
text: decoded, and with everything a terminal would obey made visible.
"""
