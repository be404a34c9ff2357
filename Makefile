# Every target sets up what it needs in .venv; only Python >= 3.11 with venv, git, make and a C compiler are assumed.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
RUNS := .venv/.runs
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Modules are compiled, also where Python is told to write no bytecode, and the structure of all kinds is kept.
QUICKEN := $(BIN)/python -m compileall -q -x graphiql server graph resolvers k8s store snapshots demo web && $(BIN)/fleetgraph schema > /dev/null

.DEFAULT_GOAL := help
.PHONY: help setup web demo test quick check bench schema format clean

help: ## Show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1	/'

setup: $(READY) web ## Set up everything that the targets need

$(READY): requirements.txt pyproject.toml | $(BIN)/python
	@echo "setting up .venv ..."
	@$(PIP) --requirement requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(QUICKEN)
	@touch $(RUNS) $(READY)

# What `fleetgraph` itself needs, without the tools.
$(RUNS): requirements.txt pyproject.toml | $(BIN)/python
	@scripts/setup-runs '$(QUICKEN)'
	@touch $(RUNS)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "python3 -m venv does not work here; on Debian and Ubuntu: apt install python3-venv"; exit 1; }

web: | $(BIN)/python ## Build GraphiQL, if its sources have changed
	@$(BIN)/python -m web.build

demo: $(RUNS) web ## Serve a made-up fleet with GraphiQL at http://127.0.0.1:8000; no cluster is needed
	@$(BIN)/fleetgraph demo $(ARGS)

test: setup ## Run the checks and all tests (a quarter of an hour); the first run builds the control planes (about 22 minutes)
	$(BIN)/python -m tests.controlplane build
	scripts/test

quick: setup ## Run the checks and the tests of what has changed, or of one package: make quick PACKAGE=k8s
	scripts/quick $(PACKAGE)

check: setup ## Run linters, types and layers
	scripts/check

format: setup ## Format the code
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

bench: setup ## Measure, print a table and keep it in docs/performance.md
	$(BIN)/python -m tests.controlplane build
	$(BIN)/python -m bench

schema: setup ## Write schema.graphql from the code
	$(BIN)/fleetgraph schema > schema.graphql.draft && mv schema.graphql.draft schema.graphql

clean: ## Remove the virtual environment, what is built, and caches of this folder
	rm -rf .venv build dist web/dist web/dist.draft *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
