"""The texts of the nine modes, computed from a trace: one file or folder per mode.

The screens, the exports and the command line all print what this package
returns, so they cannot disagree. Text from the wire leaves here as display
text: decoded, and with every character that could control a terminal escaped.
"""
