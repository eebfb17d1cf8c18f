# The commands of Assent. `make` alone lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python

# The first Python that is new enough; prerequisites.py speaks up if there is none.
PYTHON3 ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3)
UV ?= $(shell command -v uv || echo .venv/bin/uv)
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
	--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml

# Types are checked where the rules are.
TYPED := $(foreach room,accounts accounts/tenants consent consent/audit scoring perks,\
	$(wildcard $(room)/domain $(room)/rules.py $(room)/states.py $(room)/events.py))

.PHONY: help demo demo-reset sql roles test lint bench evaluate install lock

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: install ## start everything with two companies to play with; PORT=8000, DATABASE_URL=… for your own PostgreSQL
	@$(PYTHON) -m config.launch.demo

demo-reset: install ## forget the demo’s data and start afresh
	@$(PYTHON) -m config.launch.demo --fresh

sql: install ## open psql as the app login inside a company: make sql TENANT=acme
	@$(PYTHON) -m config.launch.sql $(TENANT)

roles: install ## make database and logins for production, with new passwords: DATABASE_URL=postgresql://admin@host/postgres
	@$(PYTHON) -m config.launch.roles

# Both go to their end, so that one run shows all there is to mend; pytest's summary comes last.
test: install ## linters, types, layers and all tests, on a throwaway PostgreSQL; ARGS="-k consent" for some tests
	@$(MAKE) --no-print-directory lint; linted=$$?; $(PYTHON) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS); tested=$$?; \
	[ $$linted -eq 0 ] || echo "The linters complained: see the beginning." >&2; [ $$linted -eq 0 -a $$tested -eq 0 ]

lint: install ## ruff, mypy, import-linter
	@failed=0; \
	.venv/bin/ruff check --quiet . || failed=1; \
	.venv/bin/ruff format --quiet --check . || { echo "Not formatted: run .venv/bin/ruff format ." >&2; failed=1; }; \
	SECRET_KEY=types LEDGER_KEY=types DATABASE_URL=postgresql://types@/types .venv/bin/mypy $(TYPED) || failed=1; \
	.venv/bin/lint-imports || failed=1; \
	exit $$failed

bench: install ## measure import, scoring, pages and provisioning; prints a table of ratios
	@$(PYTHON) -m bench $(ARGS)

evaluate: install ## measure the score on real interaction data and write the report; DATA=../shared/data
	@$(PYTHON) -m bench.quality

install: ## make or mend .venv from requirements/dev.lock
	@$(PYTHON3) config/launch/prerequisites.py
	@$(PYTHON3) config/launch/install.py

lock: ## write requirements/*.lock anew from pyproject.toml (needs uv; UPGRADE=--upgrade takes newer versions)
	@$(LOCK) $(UPGRADE) --output-file requirements/runtime.lock
	@$(LOCK) $(UPGRADE) --group dev --output-file requirements/dev.lock
