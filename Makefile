# Every command a contributor needs. `make help` lists them.
# Python is chosen by .ci/setup; name one with `make setup PYTHON=/path/to/python3.12`.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup demo test check static bench scale docs lock clean

BIN := .venv/bin
# The tests mostly wait, for servers and for timers: three processes on two cores.
PROCESSES ?= 3
STAMP := .venv/.stamp
CODE := workflows activities starter deploy tests worker.py

# A copied or moved checkout carries a .venv that points elsewhere: then set up anew.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(shell pwd -P))
.PHONY: $(STAMP)
endif

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | while IFS='|' read -r target what; do printf '  make %-8s %s\n' "$$target" "$$what"; done

setup: $(STAMP) ## create .venv and install everything from the hashed lock
	@echo "setup: .venv is up to date"

$(STAMP): requirements-dev.lock pyproject.toml .ci/setup
	@PYTHON="$(PYTHON)" sh .ci/setup

demo: $(STAMP) ## run a synthetic participant through the flagship program
	@$(BIN)/offramp demo

test: $(STAMP) ## run the whole test suite
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

static: $(STAMP) ## check format, lint, types and who imports whom
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports

check: static test ## all of static, then the tests

bench: $(STAMP) ## measure against bare Temporal; writes build/bench.json
	@mkdir -p build
	@$(BIN)/python -m tests.benchmarks

scale: $(STAMP) ## measure the audit over ledgers of up to a million entries; an hour, writes build/scale.json and .svg
	@$(BIN)/python -m tests.benchmarks.scale

docs: $(STAMP) ## write docs/commands.md and docs/refusals.md from the code
	@$(BIN)/python -m starter.reference

# The lock files hold names, versions and hashes alone: where packages come from is each machine's own setting.
lock: $(STAMP) ## lock the newest compatible versions, with hashes
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --extra dev pyproject.toml -o requirements-dev.lock
	@! grep -nE 'https?://|file:|--(extra-)?index-url|--find-links' requirements.lock requirements-dev.lock

clean: ## remove .venv and everything generated
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
