"""What the server itself saw: the record that travels, and one file a framework.

Nothing here imports a framework but the file named after it, so the proxy can
read a record without having Flask.
"""
