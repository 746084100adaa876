"""``python -m cookietrace`` runs the ``cookietrace`` command.

Any Python can run this file from a checkout, so its syntax suits old ones too.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (pip refuses to install it; -m does not ask pip)
    sys.stderr.write(
        "cookietrace: this is Python %d.%d, and cookietrace needs 3.11 or newer: "  # noqa: UP031
        "try `python3.11 -m cookietrace`\n" % sys.version_info[:2]
    )
    sys.exit(2)

from cookietrace import entry, interrupts

interrupts.quiet()

import importlib.util  # noqa: E402  (not before Ctrl-C is quiet)

if importlib.util.find_spec("click") is None:
    sys.stderr.write(
        "cookietrace: its dependencies are not installed for this Python: "
        "`make demo` sets up .venv, and `pip install .` installs it\n"
    )
    sys.exit(2)

entry.main()
