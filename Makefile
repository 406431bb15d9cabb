# Everything that a person or CI does here, one target each.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_OUT ?= out/demo

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types layers unit chaos lock clean

help:  ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-10s %s\n", $$1, $$2}'

install: $(VENV)/.installed  ## Build .venv from the lock and install vitrine into it

# Hash mode refuses editable projects, so the project comes second and without dependencies.
$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "vitrine needs Python 3.11 or newer; call make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python has no venv module; on Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: install  ## Turn the example sheet into pictures and say where the report is
	$(BIN)/vitrine run examples/articles.csv --out $(DEMO_OUT) --policy neutral

test: install lint types layers unit  ## Lint, types, import rules and all tests

lint: install  ## ruff: style and common faults
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install  ## mypy --strict over the three packages
	$(BIN)/mypy

layers: install  ## import-linter: serve_app -> deployments -> models
	$(BIN)/lint-imports --no-cache

unit: install  ## pytest
	$(BIN)/pytest

chaos: install  ## kill -9 of six parts under load, twenty times each (half an hour)
	$(BIN)/python -m loadtests.chaos

lock: install  ## Renew requirements.lock (versions and hashes only)
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
		--strip-extras --python-version 3.11 --extra train --extra engines --extra dev -o requirements.lock pyproject.toml

clean:  ## Remove what demo and test leave behind
	rm -rf out .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis serve_app/client/build
