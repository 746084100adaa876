"""The parts of the fold: each client's jar and pages, and how its traffic changes them.

``cookietrace.trace`` combines them; ``exchange`` defines the results.
"""
