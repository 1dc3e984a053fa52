# The recipes of SMI Portal: the same for people, hooks and CI. They need Python 3.11 or later and make.
# Paths are relative to this directory, so that its own path may hold spaces.

PY := .venv/bin/python
PYTHON ?=
PORT ?= 8000
PREMISES ?= 2000
SEED ?= 7
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix lock bench screenshots psql stop clean

help: ## List these recipes
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## Install the locked packages into .venv, if they changed
	@if ! $(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  found=; \
	  for candidate in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11; do \
	    if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	    then found=$$candidate; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo 'No Python 3.11 or later with its venv module was found. Install one (Debian and Ubuntu:' >&2; \
	    echo 'apt install python3-venv), or name one: make PYTHON=/path/to/python3 …' >&2; \
	    exit 1; \
	  fi; \
	  rm -rf .venv && "$$found" -m venv .venv; \
	fi
	@if ! cmp -s requirements-dev.lock .venv/requirements-dev.lock; then \
	  echo 'Installing packages …'; \
	  $(PY) -m pip install --quiet --no-input --disable-pip-version-check --require-hashes \
	    --requirement requirements-dev.lock \
	  && cp requirements-dev.lock .venv/requirements-dev.lock; \
	fi

demo: setup ## Start the database, load a synthetic extract and serve the site (PORT, PREMISES, SEED)
	@$(PY) manage.py demo --port $(PORT) --premises $(PREMISES) --seed $(SEED)

test: setup ## Run the tests (ARGS='-k words' chooses)
	@$(PY) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup ## Lint, types, layers, templates, migrations, settings: changes nothing
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy smi_portal reports
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo
	$(PY) -m djhtml --check --tabwidth 2 templates
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py data_dictionary --check
	$(PY) manage.py check --fail-level WARNING
	@echo 'manage.py check --deploy, with the production settings'
	@SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') ALLOWED_HOSTS=example.org \
	  DJANGO_SETTINGS_MODULE=smi_portal.settings.production \
	  $(PY) manage.py check --deploy --fail-level WARNING

fix: setup ## Put right what can be put right by itself
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(PY) -m djhtml --tabwidth 2 templates

lock: setup ## Resolve both lock files anew from pyproject.toml
	$(PY) -m uv pip compile pyproject.toml --output-file requirements.lock $(LOCK)
	$(PY) -m uv pip compile pyproject.toml --group dev --output-file requirements-dev.lock $(LOCK)
LOCK := --quiet --upgrade --generate-hashes --no-emit-index-url --no-header --no-annotate \
  --universal --python-version 3.11

bench: setup ## Measure against the targets, on this machine
	@$(PY) manage.py bench $(ARGS)

screenshots: setup ## Make the screenshots of docs/ anew (ARGS=--every: of every page, role and state, for looking)
	@$(PY) -m tests.browser.screenshots $(ARGS)

psql: setup ## Open psql as the owner of the schema
	@$(PY) manage.py database psql

stop: ## Stop the database server
	@$(PY) manage.py database stop

clean: ## Stop the database server and remove its data, passwords, the demo's extract and all caches
	@if [ -e "$${SMI_STATE_DIR:-.local}" ]; then \
	  [ -x $(PY) ] || { echo "Run 'make setup' first: stopping the server needs it." >&2; exit 1; }; \
	  $(PY) manage.py database remove; \
	fi
	@rm -rf staticfiles .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find smi_portal reports tests -name __pycache__ -type d -prune -exec rm -rf {} +
