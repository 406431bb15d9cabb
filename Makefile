# Everything that a person or CI does here, one target each.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_OUT ?= out/demo
SOAK_MINUTES ?= 60

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types layers unit chaos loadtest soak lock clean

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

types: install  ## mypy --strict over the packages and the load tests
	$(BIN)/mypy

layers: install  ## import-linter: serve_app -> deployments -> models
	$(BIN)/lint-imports --no-cache

unit: install  ## pytest
	$(BIN)/pytest

chaos: install  ## kill -9 of six parts under load, twenty times each (half an hour)
	$(BIN)/python -m loadtests.chaos

loadtest: install  ## A marketplace's traffic on a service of its own for two minutes, with a verdict
	$(BIN)/python -m loadtests.marketplace

soak: install  ## The same for an hour (SOAK_MINUTES), watching memory, descriptors and p95
	$(BIN)/python -m loadtests.marketplace --shape soak --minutes $(SOAK_MINUTES) --sample --out loadtests/out/soak

COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	--no-annotate --strip-extras --python-version 3.11
lock: install  ## Renew requirements.lock and the image's parts of it (versions and hashes only)
	$(COMPILE) --extra train --extra engines --extra load --extra dev -o requirements.lock pyproject.toml
	$(COMPILE) -c requirements.lock -o k8s/image/serve.lock pyproject.toml
	printf 'onnx\nonnxscript\nonnxruntime\n' | $(COMPILE) -c requirements.lock -o k8s/image/cpu.lock -
	printf 'onnx\nonnxscript\nonnxruntime-gpu\n' | $(COMPILE) -c requirements.lock -o k8s/image/gpu.lock -

clean:  ## Remove what demo and test leave behind
	rm -rf out .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis serve_app/client/build
