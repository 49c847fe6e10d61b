# Two commands: `make run` starts the service, `make test` runs the tests.
# Both set up .venv from the lock files first, which takes no time when nothing has changed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Python 3.13 no longer has the one C function durable-rules calls by its old name.
export CPPFLAGS += -DPyEval_CallObject=PyObject_CallObject
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: run test soak mutants lint types docs bench bench-queries fuzz lock clean

run: $(VENV)/.ready
	$(BIN)/osteon serve

test: $(VENV)/.ready-for-tests
	$(BIN)/python -m pytest -q -n 2

# What the tests try briefly, or on chosen examples, at length and on many others: half an hour on two idle cores.
soak: $(VENV)/.ready-for-tests
	$(BIN)/python -m tests.soak
	SOAK_RECORDS=5000 SOAK_RUNS=50000 SOAK_EXAMPLES=1000 SOAK_SHUFFLES=10 $(BIN)/python -m pytest -q -n 2 \
	  tests/invariants tests/reasoning/test_engine.py tests/reasoning/test_prognosis.py tests/test_stories.py tests/rulesets/test_exposure.py

# Does a test notice when one place of the rulebook is changed? Writes tests/MUTANTS.md; half an hour. A run
# that was cut goes on where it was, and what was noticed once is not tried again: make clean starts afresh.
mutants: $(VENV)/.ready-for-tests
	PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 SOAK_RECORDS=60 $(BIN)/mutmut run --max-children 2
	$(BIN)/python -m tests.mutants

lint: $(VENV)/.ready-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready-for-tests
	$(BIN)/mypy --strict rulesets service

# Everything that is printed from the source; .ci/run fails when it is stale.
docs: $(VENV)/.ready-for-tests
	$(BIN)/python -m service.docs
	$(BIN)/python -m tests.stories_table

bench: $(VENV)/.ready
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_reading

# Reads documents nobody meant, for FUZZ_SECONDS (twenty minutes when not given).
fuzz: $(VENV)/.ready-for-tests
	$(BIN)/python -m tests.fuzz

# The questions of an audit with 100,000 decisions, on SQLite and PostgreSQL: some minutes, five gigabytes.
bench-queries: $(VENV)/.ready-for-tests
	$(BIN)/python -m tests.bench_queries

# durable-rules is built from source: the tools that build it are pinned too, so no build fetches anything.
$(VENV)/.ready-to-build: requirements-build.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) -r requirements-build.lock
	touch $@

$(VENV)/.ready: $(VENV)/.ready-to-build requirements.lock pyproject.toml
	$(INSTALL) --no-build-isolation -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/.ready-for-tests: $(VENV)/.ready requirements-test.lock
	$(INSTALL) --no-build-isolation -r requirements-test.lock
	touch $@

# Needs uv. Exact versions with hashes, no download host, for every supported Python.
LOCK := uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --quiet
lock:
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --extra test -c requirements.lock -o requirements-test.lock
	$(LOCK) --group pyproject.toml:build -o requirements-build.lock

clean:
	rm -rf $(VENV) build mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis
