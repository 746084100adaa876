"""``python -m benchmarks [NAME...]`` measures, prints one table, and writes JSON."""

import sys

from benchmarks.runner import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
