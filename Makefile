# Everything a checkout needs is made by these targets; nothing outside it but Debian packages is changed.
#   make demo                the whole route on an invented family, then the site on this machine
#   make demo ARGS='--out /tmp/packs --no-serve'
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo serve test bench soak chaos check clean setup setup-test
BIN := .venv/bin
# Every process starts three times as fast when what it imports was compiled once; some machines forbid keeping it.
unexport PYTHONDONTWRITEBYTECODE
ARGS ?=
ONLY ?=
FULL ?=

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: setup ## set everything up and take the sample family along the whole route (ARGS='--out DIR --no-serve')
	@$(BIN)/sar demo $(ARGS)

serve: setup ## the site, on the data in $SAR_DATA (default ./data)
	@$(BIN)/sar serve $(ARGS)

# Twice as many processes as cores: a third of what a process does is to wait, for a browser, an engine, a server.
# A file stays with one process, for what its tests share; which file begins first is told in tests/conftest.py.
test: setup-test check ## every check and every test (ARGS='-k words' for some)
	@$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

soak: setup-test ## kill working processes without warning, 50 times on each database; nothing may be lost or doubled
	@PYTHONPATH=. $(BIN)/python -m tests.chaos --kills 50 --minutes 8

chaos: setup-test ## the same with 200 kills on SQLite, and 200 on PostgreSQL with three restarts of the server
	@PYTHONPATH=. $(BIN)/python -m tests.chaos --kills 200

check: setup-test ## lint, format, types and the floors; no tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: setup-test ## one JSON line a claim (ONLY=name for one, FULL=1 for the long form)
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(FULL),--full)

setup: ## only make ready: system libraries, .venv, stylesheets and fonts
	@deploy/setup.sh run

setup-test: ## the same, with what the tests need
	@deploy/setup.sh test

clean: ## remove what was made here, but never ./data
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf sar/web/static/vendor sar/packs/fonts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
