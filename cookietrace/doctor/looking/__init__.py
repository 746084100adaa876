"""The edge: what is found out about the machine, the recorder and its capture."""
