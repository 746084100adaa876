"""The live page: a capture in a browser tab, while it is being recorded.

Starlette and uvicorn, the extra ``web``, are imported by ``app`` and ``server`` only.
"""
