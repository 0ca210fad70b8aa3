# Bastion Guard. `make` alone lists what there is; every target sets up what it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
SEED ?= 1
STORAGE ?= memory
PORT ?= 0
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NODE_READY := node_modules/.ready
SOURCES := function_app.py remediation lab demo tests benchmarks tools

.PHONY: help setup node demo lab test nightly check format format-check lint types layers docs docs-check bicep snapshots az checkov workflows fuzz cards picture bench lock package dist clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1m%-13s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make the Python environment in .venv
	@:

$(READY): requirements.txt requirements-dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.13 is missing: install it from python.org, your package manager or pyenv, or give PYTHON=/path/to/python3.13"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 13))' || { echo "Python 3.13 is needed, $$($(PYTHON) --version) was found: install it, or give PYTHON=/path/to/python3.13"; exit 1; }
	@bash tools/environment.sh $(PYTHON) $(VENV)

$(NODE_READY): package.json package-lock.json
	@bash tools/node.sh

node: $(NODE_READY) ## what npm brings: the storage emulator, rendered cards, a browser for the tests
	@:

demo: $(READY) ## watch an estate drift and come back (SEED=7, STORAGE=azurite)
	@bash tools/node.sh || { test "$(STORAGE)" != azurite && echo "demo: going on without npm's parts; the report draws its cards plainly" >&2; }
	@$(BIN)/python -m demo --seed $(SEED) --storage $(STORAGE)

lab: $(READY) ## a small Azure on loopback with the app in it, until Ctrl-C (PORT=, SEED=, BASELINE=, STORAGE=azurite, WORKERS=2, GUARDS=2, CHANGES=activityLog, LOG_DELAY=)
	@test "$(STORAGE)" != azurite || bash tools/node.sh
	@exec $(BIN)/python -m lab --port '$(PORT)' --seed $(SEED) --storage $(STORAGE) $(if $(WORKERS),--workers '$(WORKERS)') $(if $(GUARDS),--guards '$(GUARDS)') $(if $(BASELINE),--baseline '$(BASELINE)') $(if $(CHANGES),--changes '$(CHANGES)') $(if $(LOG_DELAY),--log-delay '$(LOG_DELAY)')

test: $(READY) $(NODE_READY) ## every test
	@$(BIN)/python -m pytest -n 3 --dist worksteal $(MEASURED)

nightly: $(READY) $(NODE_READY) ## the long properties and simulations
	@HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n 3 --dist worksteal

check: ## all that CI runs: format, lint, types, layers, docs, infra, tests with coverage
	@$(MAKE) -j2 setup node
	@$(MAKE) -j2 --output-sync=target format-check lint types layers docs-check bicep
	@$(MAKE) test MEASURED='--cov --cov-report=term --cov-fail-under=96'

format: $(READY) ## format and mend what can be mended
	@$(BIN)/ruff format $(wildcard $(SOURCES))
	@$(BIN)/ruff check --fix $(wildcard $(SOURCES))

format-check: $(READY)
	@echo "check: format"; $(BIN)/ruff format --check $(wildcard $(SOURCES))

lint: $(READY) ## ruff, all rules
	@echo "check: lint"; $(BIN)/ruff check $(wildcard $(SOURCES))

types: $(READY) ## mypy, strict
	@echo "check: types"; $(BIN)/mypy

layers: $(READY) ## import-linter: dependencies point downwards only
	@echo "check: layers"; $(BIN)/lint-imports --no-cache

docs: $(READY) ## write the generated documentation
	@$(BIN)/python -m tools.docs

docs-check: $(READY)
	@echo "check: generated documentation"; $(BIN)/python -m tools.docs --check

bicep: $(READY) ## compile and lint infra/, compare it with its snapshots (wants the Bicep CLI, else says so)
	@echo "check: infra"; $(BIN)/python -m tools.bicep check

snapshots: $(READY) ## write the snapshots of infra/sets anew (wants the Bicep CLI)
	@$(BIN)/python -m tools.bicep snapshots

.tools/%/.ready: requirements-%.txt | $(READY)
	@echo "setup: making .tools/$*" >&2
	@$(BIN)/python -m venv .tools/$*
	@.tools/$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

az: .tools/az/.ready ## the Azure CLI's own parser on every az command of documents, scripts and rules (MORE=file, or - for input)
	@.tools/az/bin/python -m tools.az_commands README.md $(wildcard docs/*.md infra/*.sh) $(MORE)
	@AZ_PYTHON=.tools/az/bin/python $(BIN)/python -m pytest -q -k azure_cli tests/unit/rules/test_commands.py

checkov: $(READY) .tools/checkov/.ready ## checkov on infra/, on what it compiles to and on the snapshots
	@$(BIN)/python -m tools.arm_templates build/arm >/dev/null
	@LOG_LEVEL=ERROR .tools/checkov/bin/checkov --directory infra --framework bicep --config-file infra/checkov.yaml 2>/dev/null
	@LOG_LEVEL=ERROR .tools/checkov/bin/checkov --directory build/arm --framework arm --config-file infra/checkov.yaml 2>/dev/null

workflows: $(READY) .tools/workflows/.ready ## the schemas of GitHub and Azure Pipelines on our workflows and on the examples
	@$(BIN)/python -m pytest -q tests/unit/deployments/test_examples.py
	@.tools/workflows/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

fuzz: $(READY) .tools/fuzz/.ready ## schemathesis on what people ask over HTTP, over the lab (MORE=options of its run)
	@$(BIN)/python -m tools.fuzz $(MORE)

cards: $(READY) $(NODE_READY) ## every kind of card as PNG, light and dark (needs chromium)
	@$(BIN)/python -m tests.unit.cards.gallery

picture: $(READY) ## what README.md shows, docs/report.png and docs/board.png (needs chromium)
	@$(BIN)/python -m tests.unit.scan.picture
	@$(BIN)/python -m tests.unit.board.picture

bench: $(READY) ## every benchmark of benchmarks/, one after the other
	@status=0; for script in $$(grep -l "^    python benchmarks/" benchmarks/*.py); do echo "# $$script"; $(BIN)/python $$script || status=1; done; exit $$status

PIN = $(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

lock: $(READY) ## pin the dependencies anew: those of pyproject.toml, and what the checks need besides
	@$(PIN) --extra functions --output-file requirements.txt pyproject.toml
	@$(PIN) --extra functions --extra telemetry --constraint requirements.txt --output-file requirements-telemetry.txt pyproject.toml
	@for set in requirements-dev requirements-az requirements-checkov requirements-workflows requirements-fuzz; do $(PIN) --output-file $$set.txt $$set.in; done

dist: $(READY) ## sdist and wheel of the command line, in dist/ (`pipx install .` and `uv tool install .` need neither)
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist .

package: $(READY) ## the deployment package, in build/ (BASELINE=path takes one along, TELEMETRY=1 the exporter)
	@$(BIN)/python -m tools.package $(if $(BASELINE),--baseline $(BASELINE)) $(if $(TELEMETRY),--telemetry)

clean: ## remove the environment and what was built
	@rm -rf $(VENV) node_modules build dist .tools demo-report.html demo-report.json .mypy_cache .ruff_cache .hypothesis .pytest_cache .coverage
