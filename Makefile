# segkit: `make demo` and `make test` need python3 (3.11 or newer, with venv) and make, and set up the rest themselves.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
EVENTS ?= 20e6
VENV := .venv
BIN := $(VENV)/bin
BASE := $(VENV)/.installed-base
DEV := $(VENV)/.installed-dev
PACKAGES := $(VENV)/.installed-packages
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
# What `make test` runs: all that is quick, and what needs the machine's other parts even where it is not.
QUICK := (not slow or spark or shared or notebook or browser) and not network and not gate and not long

.PHONY: help demo test check types coverage slow bench bench-patterns bench-compare bench-runs bench-mail lab notebooks docs lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: demo/.made  ## generate a shop, load it, write its reports and print their paths
	@echo "Reports of the demo:"
	@find demo/reports_out -name report.html -not -path '*/latest/*' | sort | sed 's/^/  /'
	@echo "Catalogue: demo/reports_out/index.html"

demo/.made: | $(BASE)
	$(BIN)/segkit demo demo
	@touch $@

test: $(DEV) $(PACKAGES) check  ## set up and pass lint, types and tests

check: $(DEV) types  ## what CI runs, in its order: lint, format, types, tests
	$(BIN)/pytest -m "$(QUICK)"

types: $(DEV)  ## lint, format and types only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

coverage: $(DEV)  ## the tests with branch coverage, slow ones too
	$(BIN)/pytest -m "not network" --cov --cov-report=term

slow: $(DEV)  ## the slow tests
	$(BIN)/pytest -m "slow and not network"

bench: $(DEV)  ## measure against DuckDB, pandas and Polars: make bench EVENTS=20e6
	$(BIN)/python benchmarks/run.py --events $(EVENTS)

bench-patterns: $(DEV)  ## measure behaviour patterns at a million users and ten million rows
	$(BIN)/python benchmarks/patterns.py

bench-runs: $(DEV) demo/.made  ## measure many reports at once, and what a run costs beside its notebook
	$(BIN)/python benchmarks/runs.py

bench-mail: $(DEV) demo/.made  ## measure the mail of a report to a thousand recipients over one connection
	$(BIN)/python benchmarks/mail.py
bench-compare: $(DEV)  ## measure the comparison of two segments; needs the data of make bench EVENTS=20e6
	$(BIN)/python benchmarks/segkit_compare.py

lab: demo/.made  ## open the demo in JupyterLab
	$(BIN)/segkit -w demo lab

notebooks: $(BASE)  ## strip the outputs of the notebooks
	$(BIN)/python tools/notebooks.py strip $(NOTEBOOKS)

docs: $(BASE)  ## write the canonical tables into docs/architecture.md
	$(BIN)/python tools/tables.py

lock: | $(VENV)/pyvenv.cfg  ## resolve the newest versions in a fresh environment and write requirements.lock
	$(PYTHON) -m venv --clear .cache/lock
	.cache/lock/bin/python -m pip --quiet install -e '.[apps,dev,spark]'
	echo "# Tested versions of segkit's dependencies, its spark extra and its tools; \`make lock\` renews it." > .cache/lock.txt
	.cache/lock/bin/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools >> .cache/lock.txt
	mv .cache/lock.txt requirements.lock

clean:  ## remove the demo, the caches and the environment
	rm -rf demo .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis $(VENV)

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "segkit needs Python 3.11 or newer; say which: make PYTHON=python3.12 …" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(BASE): pyproject.toml requirements.lock | $(VENV)/pyvenv.cfg
	$(PIP) install --constraint requirements.lock --editable .
	@touch $@

$(DEV): pyproject.toml requirements.lock | $(VENV)/pyvenv.cfg
	$(PIP) install --constraint requirements.lock --editable '.[apps,dev,spark]'
	@touch $(BASE) $@

# Chromium draws the reports in the browser tests, Java runs Spark: Debian packages where this is root on Debian.
$(PACKAGES): | $(VENV)/pyvenv.cfg
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v java >/dev/null || missing="$$missing default-jre-headless"; \
	if [ -z "$$missing" ]; then touch $@; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing$$missing"; export DEBIAN_FRONTEND=noninteractive; \
	  apt-get -qq update && apt-get -qq install --yes --no-install-recommends $$missing >/dev/null && touch $@; \
	else echo "Without$$missing the tests that need them are skipped or fail; install them as root." >&2; fi
