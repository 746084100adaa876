# One command each: demo, test, check. Every target sets up what it needs.
#
# PYTHON       the interpreter that makes the environment (3.11 or newer)
# VENV         the folder of that environment
# CONSTRAINTS  pip's options for versions; empty installs the newest ones
# PYTEST_ARGS  more arguments for pytest, e.g. PYTEST_ARGS="-k jar"
# FUZZ_SECONDS how long `make fuzz` searches, in the engine and in the files that are read
# SOAK_SECONDS how long `make soak` runs; SOAK=full runs all rounds instead, SOAK_SEED=N repeats one,
#              SOAK_PARTS="lessons speed" runs a part of it, and SOAK_FIRST=1 measures speed before
#              other programs, which Linux lets root do
# BENCH_QUICK  if set, `make bench` measures everything once and small, to see that it works
# BENCH_ARGS   more arguments for the benchmarks, e.g. BENCH_ARGS="fold --all-sizes"; see --help

PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?= -c constraints.txt
PYTEST_ARGS ?=
FUZZ_SECONDS ?= 60
SOAK ?=
SOAK_SECONDS ?= 600
SOAK_SEED ?=
SOAK_PARTS ?=
SOAK_FIRST ?=
BENCH_QUICK ?=
BENCH_ARGS ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

# The demo and the tests start many processes: the screen starts in half the time if compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check lint runtime dev format dist bench snapshots fuzz soak chromium firefox redis clean

demo: $(VENV)/.runtime
	@$(BIN)/cookietrace demo

test: $(VENV)/.dev chromium firefox redis
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: lint
	@$(MAKE) --no-print-directory test

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/tally lint --no-config --slow-checks off --ignore tally/newline-between-instructions \
		--ignore tally/newline-per-chained-call --ignore tally/prefer-run-heredoc Containerfile

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# A wheel and an sdist, without the network; the same commit gives the same bytes.
dist: $(VENV)/.dev
	@rm -rf dist
	@$(BIN)/python -m hatchling build

bench: $(VENV)/.dev redis
	@$(BIN)/python -m benchmarks $(if $(BENCH_QUICK),--quick) --json build/benchmarks.json $(BENCH_ARGS)

snapshots: $(VENV)/.dev
	$(BIN)/python -m pytest -n 0 --snapshot-update tests/tui tests/formats $(PYTEST_ARGS)

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.cookies.fuzz_engine $(FUZZ_SECONDS)
	$(BIN)/python -m tests.formats.fuzz_files $(FUZZ_SECONDS)

soak: $(VENV)/.dev chromium redis
	@$(BIN)/python -m tests.soak --seconds $(SOAK_SECONDS) $(if $(filter full,$(SOAK)),--full) \
		$(if $(SOAK_SEED),--seed $(SOAK_SEED)) $(if $(SOAK_FIRST),--first) $(SOAK_PARTS)

runtime: $(VENV)/.runtime
dev: $(VENV)/.dev

# What `make demo` needs, without development tools.
$(VENV)/.runtime: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "$(PYTHON) does not run or is too old: cookietrace needs Python 3.11 or newer, as in" \
			"\`make PYTHON=python3.12 $(MAKECMDGOALS)\`" >&2; exit 2; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install $(CONSTRAINTS) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo "Adding the development tools to $(VENV) ..."
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' > $(VENV)/dev.txt
	@$(PIP) install $(CONSTRAINTS) -r $(VENV)/dev.txt
	@$(BIN)/python -m tests.witness.flask_alone
	@touch $@

# Browser tests need a Chromium and a Firefox. If one cannot be installed from here, they fail and say so.
chromium: PACKAGE := chromium
firefox: PACKAGE := firefox-esr
chromium firefox: $(VENV)/.runtime
	@$(BIN)/python -c 'from cookietrace.supervision.browsers import find_browser; find_browser("$@")' 2>/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing $(PACKAGE) ..."; \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PACKAGE) >/dev/null; \
	else \
		echo "No $@ here: install one (Debian: sudo apt-get install $(PACKAGE)), or the browser tests fail."; \
	fi

# The tests of captures in Redis start a server of their own, on a Unix socket. Debian would run one as
# a service: /usr/sbin/policy-rc.d, if it is there, decides that, and nothing here uses it.
redis:
	@command -v redis-server >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing redis-server ..."; \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends redis-server >/dev/null; \
	else \
		echo "No redis-server here: install one (Debian: sudo apt-get install redis-server), or its tests fail."; \
	fi

clean:
	rm -rf $(VENV) .venv-next .venv-newest .venv-flask build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
