"""The way into the capture: what is appended, kept back, counted as lost, or hidden."""
