"""``python -m cookietrace`` runs the ``cookietrace`` command."""

from cookietrace.cli import main

main()
