# One command for everything a contributor does; CI calls the same names.
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin

.PHONY: setup check test demo docs bench readme notebooks floors clean

setup: $(BIN)/numbadp

$(BIN)/numbadp: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -e '.[test]'

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

test: setup
	$(BIN)/python -m pytest -q -n auto

demo: setup
	$(BIN)/numbadp demo

# Builds the site into build/site, without a network once the tools are there.
docs: setup
	$(BIN)/python -c 'import mkdocstrings' 2>/dev/null || $(BIN)/pip install -q -e '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build -q --strict

floors:
	.ci/floors

bench: setup
	$(BIN)/pip install -q -e '.[bench]'
	$(BIN)/python -m bench all --json bench/results/cpu.json

readme: setup
	$(BIN)/python -m bench readme
	$(BIN)/python -m bench evidence

notebooks: setup
	$(BIN)/pip install -q -e '.[notebooks]'
	$(BIN)/python -m pytest -q -n auto --nbmake notebooks

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis
