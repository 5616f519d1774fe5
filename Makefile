# Everything that CI runs, each target a line or two. Needs Python 3.11 or newer, make and git.
PYTHON ?= python3
BIN := .venv/bin
# One more than there are cores, as many tests wait for a server.
WORKERS = $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

.PHONY: setup demo test soak lint types bench corpus corpus-fixes lock

setup: .venv/.done

.venv/.done: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

node_modules/.done: .venv/.done package-lock.json
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent
	touch $@

demo: node_modules/.done
	$(BIN)/python -m tests.demo

# Compiled once, as else each process that a test starts does so, where Python is told to keep nothing; and all as nice as the
# children that analyse, which else wait for the tests of checks.
test: lint types node_modules/.done
	$(BIN)/python -m compileall -q app checks tests
	nice -n 19 $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

soak: node_modules/.done .venv-peers/.done  ## What takes minutes: every fault and kill -9 at every call, ten thousand deliveries in a minute, a replica that dies, the field's tools over manifests/ and over the examples' fixes
	$(BIN)/python -m pytest tests/soak/*.py

lint: .venv/.done
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: .venv/.done
	$(BIN)/mypy

.venv-peers/.done: requirements-peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement $<
	touch $@

bench: .venv/.done .venv-peers/.done
	$(BIN)/python -m tests.bench $(DIR)

corpus: .venv/.done  ## All checks over the checkouts in DIR; OUT=run.json keeps a run, BEFORE=run.json compares with one
	$(BIN)/python -m tests.corpus $(DIR) $(if $(OUT),--out $(OUT)) $(if $(BEFORE),--before $(BEFORE))

corpus-fixes: .venv/.done .venv-peers/.done  ## All fixes over the checkouts in DIR, before and after read by the field's tools; OUT=folder keeps the diffs
	$(BIN)/python -m tests.corpus.fixes $(DIR) $(if $(OUT),--out $(OUT))

lock:  ## Resolve the ranges of pyproject.toml anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --group dev \
	  --no-emit-index-url --no-header --upgrade --output-file requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --constraint requirements.txt \
	  --no-emit-index-url --no-header --output-file manifests/requirements.txt pyproject.toml
	echo hatchling | $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --constraint requirements.txt \
	  --no-emit-index-url --no-header --output-file manifests/requirements-build.txt -
