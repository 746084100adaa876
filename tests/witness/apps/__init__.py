"""One app of the same views for each framework that there is a witness for.

Each imports its framework alone. The views differ only in how a framework names things,
so that one table says what is reported of all of them. Lines count from a view's ``def``.
"""
