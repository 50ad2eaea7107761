# Two commands do all set-up on a fresh machine: `make demo` and `make test`.
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
STAMP := $(VENV)/.installed

.PHONY: install demo test lint check bench chaos fuzz clean

install: $(STAMP)

$(STAMP): pyproject.toml uv.lock
	@test -x $(UV) || { python3 -m venv $(VENV) && $(VENV)/bin/pip install -q --disable-pip-version-check uv; }
	$(UV) sync -q --frozen --inexact --system-certs
	@touch $@

demo: install
	$(VENV)/bin/gridcommand up --demo

# First everything without a browser, three files at a time: much of it waits for processes. The order is that of the folders: by number
# of tests the few long ones would come last, one after the other. Then the journeys, in one browser.
# CI gives PYTEST=--no-skips: a test that was skipped and could have run there is a failure (tests/skips.py).
test: install
	$(PY) -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder --ignore=tests/journeys $(PYTEST)
	$(PY) -m pytest -q tests/journeys $(PYTEST)

lint: install
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/oxlint assets benchmarks

check: lint test

bench: install
	for what in ingest push board clocks map desk border; do $(VENV)/bin/gridcommand bench $$what || exit 1; done

chaos: install
	$(PY) -m pytest -q -m large tests/chaos

# Ten minutes of made-up input against every decoder and a running engine, another one each time; CI takes one minute of always the same.
SECONDS := 600
SEED :=
fuzz: install
	$(PY) -m pytest -q -s tests/fuzz --fuzz-seconds $(SECONDS) --fuzz-seed "$(SEED)"

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
