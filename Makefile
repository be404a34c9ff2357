# Every target sets up what it needs in .venv; only Python >= 3.11 with venv, git, make and a C compiler are assumed.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench schema format clean

help: ## Show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1	/'

setup: $(READY) ## Set up the virtual environment

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "python3 -m venv does not work here; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "setting up .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: setup ## Serve a fleet of three real control planes at http://127.0.0.1:8000
	$(BIN)/python -m demo

test: setup ## Run the checks and all tests; the first run builds the control planes (about 13 minutes)
	scripts/check
	$(BIN)/python -m tests.controlplane build
	$(BIN)/python -m pytest

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

clean: ## Remove the virtual environment and caches of this folder
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
