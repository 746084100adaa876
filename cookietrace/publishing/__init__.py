"""Publishing: follows a capture on this machine, and adds what may leave it to a Redis stream.

The recorder knows nothing about it: the file is the truth, and whatever could not be published yet
is read from there when it can be.
"""
