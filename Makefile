# Every target does its own set-up: a fresh machine needs Python 3.11, make and this folder.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install demo up test check bench lint types contracts generate lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(STAMP) ## Make .venv and install everything into it, pinned by hash

$(STAMP): deploy/requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("orewire needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r deploy/requirements.lock
	$(BIN)/pip install -qq --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: install ## Run the whole pipeline on sample news and check what arrives
	$(BIN)/orewire demo

up: install ## Run everything on this machine with deploy/config
	$(BIN)/orewire up

test: install ## Run the tests
	$(BIN)/pytest -q

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: install
	$(BIN)/mypy

contracts: install
	$(BIN)/python -m shared.contracts --check

check: lint types contracts ## Check all that needs no running: format, imports, types, contracts, config, rules
	$(BIN)/orewire check
	$(BIN)/orewire rules test
	$(BIN)/orewire rules lint
	$(BIN)/orewire rules schema --check
	$(BIN)/orewire subscribers schema --check

bench: install ## Measure speed; prints ratios to limits measured in the same run
	$(BIN)/pytest -q -m bench -s tests/bench

generate: install ## Write the generated contracts anew
	$(BIN)/python -m shared.contracts
	$(BIN)/orewire rules schema
	$(BIN)/orewire subscribers schema

lock: install ## Pin all dependencies anew, with hashes
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --extra dev pyproject.toml deploy/build-requirements.in -o deploy/requirements.lock

clean: ## Remove the environment and everything generated
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build *.egg-info
