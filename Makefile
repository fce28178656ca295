# What one does here. `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready-$(shell cat requirements.txt requirements-dev.txt pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)

.DEFAULT_GOAL := help
.PHONY: help setup demo run test fuzz simulate check lint types contracts protos reference bench build clean

help: ## list what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(READY) ## make the virtual environment from the pinned requirements

$(READY): requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "leadrelay needs Python 3.11 to 3.13; name one with: make PYTHON=python3.11 ..."; exit 1; }
	@echo "setting up $(VENV) (once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## the main job: 260 leads through six flows to real recipients, with a table at the end
	@$(BIN)/python examples/demo.py

run: $(READY) ## serve on loopback with the examples' catalog, until Ctrl-C
	@$(BIN)/leadrelay serve --data data --catalog examples/catalog --secrets examples/secrets

test: $(READY) ## the whole suite
	@$(BIN)/python -m pytest

fuzz: $(READY) ## templates, values and replies at random, 20,000 of each kind: none may crash or take for ever
	@$(BIN)/python -m pytest tests/core tests/adapters -k crash --hypothesis-profile thorough --timeout 1800

simulate: $(READY) ## the whole engine in 10,000 worlds in which things go wrong: nothing lost, nothing sold twice
	@cd tests && PYTHONHASHSEED=0 PYTHONPATH=.:../server ../$(BIN)/python -m simulation

.PHONY: canaries
canaries: $(READY) ## secrets through every protocol and every failure, and how many were seen of them (none)
	@$(BIN)/python tests/canaries/run.py

check: lint types contracts protos-are-current test build ## what CI runs

lint: $(READY) ## style of the code and of the protos
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python scripts/lint_protos.py
	@$(BIN)/python scripts/check_mirror.py
	@$(BIN)/python scripts/reference.py --check

types: $(READY) ## mypy --strict
	@$(BIN)/mypy

contracts: $(READY) ## imports point down
	@$(BIN)/lint-imports --no-cache

.PHONY: protos-are-current
protos-are-current: $(READY)
	@$(BIN)/python scripts/gen_protos.py --check

protos: $(READY) ## generate the stubs from protos/
	@$(BIN)/python scripts/gen_protos.py

reference: $(READY) ## write docs/language.md from what the code says of itself
	@$(BIN)/python scripts/reference.py

bench: $(READY) ## where the time of a lead goes; writes docs/performance.md
	@$(BIN)/python scripts/bench.py

.PHONY: bench-isolation
bench-isolation: $(READY) # what a dead and a busy recipient cost the others; writes docs/isolation.md
	@$(BIN)/python scripts/bench_isolation.py

build: $(READY) ## the wheel, built and tried in an environment of its own
	@$(BIN)/python scripts/try_wheel.py

requirements: $(READY) ## pin what pyproject.toml asks for, with hashes
	@$(BIN)/python scripts/pin.py

clean: ## remove what was made
	@rm -rf $(VENV) .demo data dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
