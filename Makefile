# The commands of this project; `make` alone explains them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run start test test-all check bench snapshots docs fuzz mutants mutation probes chaos conformance format lock

PYTHON := .venv/bin/python
ifneq ($(origin PUBLIC_BASE_URL),undefined)
export PUBLIC_BASE_URL
endif
ifneq ($(origin PORT),undefined)
export PORT
endif
ifneq ($(origin VAR_DIR),undefined)
export VAR_DIR
endif

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

run: ## run the demo on one SQLite file, at http://127.0.0.1:8000
	@bin/bootstrap demo
	@exec $(PYTHON) -m pathbound_mcp.supervisor --demo

start: ## run with your own data, without the demo
	@bin/bootstrap
	@exec $(PYTHON) -m pathbound_mcp.supervisor

test: ## run the fast tests, in process, no services needed; ARGS='-k word' is passed to pytest
	@bin/bootstrap dev
	@$(PYTHON) -m pytest -n 2 --dist loadgroup -q -m 'not slow and not chaos' $(ARGS)

test-all: ## run all tests and mutants: also processes, browsers, Dovecot, long races
	@bin/bootstrap dev
	@$(PYTHON) -m pytest -n 2 --dist loadgroup -q --durations=10 $(ARGS)
	@$(PYTHON) -m pytest -n 2 -q -p tests.mutants.plugin

check: ## check style, types, layers, templates, migrations, deployment
	@bin/bootstrap dev
	@bin/check

format: ## format the code as `make check` expects
	@bin/bootstrap dev
	@$(PYTHON) -m ruff check --fix --quiet . ; $(PYTHON) -m ruff format --quiet .
	@find . -name '*.html' -path '*/templates/*' -not -path './.venv*/*' -not -path './mutants/*' -not -path './var/*' | \
		xargs .venv/bin/djade --target-version 5.2 2>/dev/null ; \
	find . -name '*.html' -path '*/templates/*' -not -path './.venv*/*' -not -path './mutants/*' -not -path './var/*' | \
		xargs .venv/bin/djhtml --tabwidth 2 2>/dev/null

snapshots: ## regenerate the tool definitions after an intended change
	@bin/bootstrap dev
	@$(PYTHON) manage.py tools_snapshot

bench: ## measure for docs/performance.md (30 minutes); BENCH_DATABASE_URL: a PostgreSQL server
	@bin/bootstrap dev
	@DATABASE_URL=$${BENCH_DATABASE_URL:-postgres://postgres@127.0.0.1:5432/postgres} \
		$(PYTHON) -m bench --contacts $${BENCH_CONTACTS:-50000} --events $${BENCH_EVENTS:-1000000}

mutants: ## run the mutants: broken variants that a test must catch (minutes)
	@bin/bootstrap dev
	@$(PYTHON) -m pytest -n 2 -q -p tests.mutants.plugin $(ARGS)

mutation: ## run mutmut on the security modules, by hand or nightly; MODULE=core/limits.py for one
	@bin/bootstrap dev
	@bin/mutation $(MODULE)

probes: ## run 540 prompt injections against an assistant and agents that obey them all (minutes)
	@bin/bootstrap dev
	@PROBES=all $(PYTHON) -m pytest -q tests/security

chaos: ## approve CHAOS_ACTIONS (1000) while CHAOS_KILLS (40) workers die; needs postgresql, redis
	@bin/bootstrap dev
	@$(PYTHON) -m pytest -q -m chaos tests/chaos

docs: ## regenerate docs/reference from the code
	@bin/bootstrap dev
	@$(PYTHON) manage.py reference

fuzz: ## send generated requests to every REST route (FUZZ_EXAMPLES each, 100)
	@bin/bootstrap dev
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-100} $(PYTHON) -m pytest -q tests/api/test_fuzz.py

conformance: ## run the official MCP conformance suite (needs Node 22 and the npm registry)
	@bin/bootstrap dev
	@bin/conformance

lock: ## regenerate requirements.txt, -demo.txt and -dev.txt from pyproject.toml
	@bin/lock
