"""Recorders for the tests of an app: put one in front of it, then ask what its cookies did.

``cookietrace.pytest_plugin`` offers them as fixtures; other test runners can use them as they
are:

    with Recorders() as recorders:
        recorder = recorders.record(app)
        requests.get(recorder.base_url)
        recorder.assert_no_problems()
"""

from __future__ import annotations

from cookietrace.checking import Ignore, Severity
from cookietrace.testing.recorder import Recorder
from cookietrace.testing.recorders import Host, Recorders

__all__ = ["Host", "Ignore", "Recorder", "Recorders", "Severity"]
