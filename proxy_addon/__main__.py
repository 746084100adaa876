"""``python -m proxy_addon``: the recording proxy as a process of its own."""

import os
import sys

from proxy_addon.process.main import main

if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # sys.exit would wait for a thread that looks up the name of a host
