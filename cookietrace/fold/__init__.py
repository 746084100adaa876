"""The parts of the fold: one client's jar and pages, and what its requests and responses do.

``cookietrace.trace`` puts them together; ``exchange`` holds what comes out.
"""
