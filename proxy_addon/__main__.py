"""``python -m proxy_addon``: the recording proxy as a process of its own."""

import sys

from proxy_addon.process.main import main

if __name__ == "__main__":
    sys.exit(main())
