"""What the server itself saw: the report that it sends, and one file per framework.

An app's environment needs none of our dependencies. Every module here uses the
standard library alone and runs on Python 3.9, with three exceptions: ``flask`` also
imports Flask, and ``decoding`` and ``shared_secret`` belong to the proxy's side.
``single_file`` joins the others into one file, so they define no name twice.
"""
