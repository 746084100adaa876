"""``python -m cookietrace`` is the ``cookietrace`` command."""

from cookietrace.cli import main

main()
