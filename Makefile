# One command each: demo, test, check. Every target sets up what it needs by itself.
#
# PYTHON       the interpreter to make the environment with (3.11 or newer)
# VENV         where that environment is
# PYTEST_ARGS  more arguments for pytest, e.g. PYTEST_ARGS="-k jar"
# FUZZ_SECONDS how long `make fuzz` searches

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?=
FUZZ_SECONDS ?= 60
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.PHONY: demo test check format bench snapshots fuzz chromium clean

demo: $(VENV)/.runtime
	@$(BIN)/cookietrace demo

test: $(VENV)/.dev chromium
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	@for name in $(basename $(notdir $(wildcard benchmarks/bench_*.py))); do \
		echo "== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; \
	done

snapshots: $(VENV)/.dev
	$(BIN)/python -m pytest --snapshot-update tests/tui tests/formats $(PYTEST_ARGS)

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.cookies.fuzz_engine $(FUZZ_SECONDS)

# The runtime alone: what `make demo` needs, and no development tools.
$(VENV)/.runtime: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "cookietrace needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo "Adding the development tools to $(VENV) ..."
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' > $(VENV)/dev.txt
	@$(PIP) install -c constraints.txt -r $(VENV)/dev.txt
	@touch $@

# Browser tests need a Chromium; where it may not be installed from here, they fail and say so.
chromium: $(VENV)/.runtime
	@$(BIN)/python -c 'from cookietrace.supervision.browsers import find_browser; find_browser("chromium")' 2>/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium ..."; \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
		echo "No Chromium here: install one (Debian: sudo apt-get install chromium), or the browser tests fail."; \
	fi

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
