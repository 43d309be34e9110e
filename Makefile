# Everything a machine with Python 3.11 to 3.13 and make needs: each target sets up .venv by itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: demo test check compiled sample clean

demo: $(VENV)/ready
	$(BIN)/tahkim demo $(if $(BACKEND),demo-$(BACKEND) --backend $(BACKEND))

test: $(VENV)/ready
	$(BIN)/pytest $(ARGS)

check: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest $(ARGS)

$(VENV)/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "tahkim needs Python 3.11, 3.12 or 3.13: try make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@
	@$(BIN)/tahkim --version

# After an edit to the rules; until then the edited sources run, which is slower and no less right.
compiled: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(BIN)/tahkim --version

# The sample release in exports/, made anew: after a change to what a release holds.
sample: $(VENV)/ready
	rm -rf build/sample exports/sample
	$(BIN)/tahkim demo build/sample
	$(BIN)/tahkim release sample --project build/sample --by lamis --format conll --format events \
	  --licence 'CC BY 4.0, the tahkim authors'
	mv build/sample/exports/sample exports/sample
	$(BIN)/tahkim verify exports/sample

clean:
	rm -rf $(VENV) src/tahkim/_compiled demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
