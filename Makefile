# The project's commands; `make` alone lists them. Everything they install goes to .venv, everything they store to .data.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SIZE ?= 1000000
# Without its cache of compiled modules every command takes seconds longer to start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run test browser check bench simulate lock openapi clean

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/make \1|\2/' | column -t -s '|' 2>/dev/null \
	  || grep -E '^[a-z]+:.*## ' Makefile

install: $(STAMP) ## install the pinned packages into .venv

$(STAMP): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or later is needed, and $(PYTHON) is not one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python && $(BIN)/python -c '' 2>/dev/null || { rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); } \
	  || { echo "$(PYTHON) cannot make a virtual environment (on Debian: the package python3-venv)."; rm -rf $(VENV); exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  "$$(grep -oE '^uv==[^ ;]+' requirements-dev.txt || echo uv)"
	@# uv does not read pip's settings: a mirror named there is passed on, and the system's certificates are trusted.
	@index="$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}"; \
	  $(BIN)/uv pip install --quiet --system-certs $${index:+--default-index "$$index"} --python $(BIN)/python -r requirements-dev.txt \
	  || { echo "uv could not install the packages; pip does it more slowly."; \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt; }
	@touch $(STAMP)

run: $(STAMP) ## start the whole service with a sample register; Ctrl-C stops it
	@$(BIN)/python -m config.run

test: $(STAMP) ## run the tests on real servers of their own
	@$(BIN)/pytest -q -n 2

browser: $(STAMP) ## run the tests that need Chromium
	@$(BIN)/pytest -q tests/browser

check: $(STAMP) ## lint, types, import contracts, migrations, the OpenAPI file, the deployment files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file .openapi.yaml
	@diff -u docs/openapi.yaml .openapi.yaml > .openapi.diff; code=$$?; head -40 .openapi.diff; rm -f .openapi.yaml .openapi.diff; \
	  test $$code -eq 0 || { echo "docs/openapi.yaml is not what the code gives; run make openapi and commit it."; exit 1; }
	$(BIN)/hadolint Dockerfile
	$(BIN)/compose-lint --fail-on high compose.yaml
	$(BIN)/pytest -q tests/config/test_deployment.py

bench: $(STAMP) ## measure against raw PostgreSQL; SIZE=1000000 miners
	@$(BIN)/python -m bench --size $(SIZE)

simulate: $(STAMP) ## study the estimate where the truth is known, and write docs/methods/simulation.md
	@$(BIN)/python -m bench.simulation

lock: $(STAMP) ## compile the pinned requirements from the .in files
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links requirements-dev.in -o requirements-dev.txt -c requirements.txt

openapi: $(STAMP) ## write docs/openapi.yaml from the code
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

clean: ## stop the service, delete .data, .venv and all caches
	@$(PYTHON) -m config.clean
	@rm -rf $(VENV) staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .openapi.*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
