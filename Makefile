# One comment line over a target is its line of `make`; everything lives in .venv, and nothing is done twice.
PYTHON ?= python3
BIN := .venv/bin
PIP = -m pip install --quiet --disable-pip-version-check
NODE_TOOLS = tests/node/node_modules/.package-lock.json
JUDGES = tests/node/judges/node_modules/.package-lock.json
THE_PROJECT = --no-deps --no-build-isolation --editable .
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-strip-extras $(UPGRADE)
LOCK = $(COMPILE) pyproject.toml --extra build

# What is compiled is kept, whatever the environment says: hundreds of processes of the tests compile it otherwise.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run scale demo test trials chaos fuzz lint docs bench lock clean

# Print these lines
help:
	@awk '/^# /{said=substr($$0, 3)} /^[a-z-]+:/ && said {split($$1, name, ":"); printf "make %-9s %s\n", name[1], said} \
		!/^# /{said=""}' $(MAKEFILE_LIST)

# Install all that running needs, in .venv
install: .venv/installed

# Start the whole system in the foreground, the seed project loaded; Ctrl-C stops it
run: install
	@exec $(BIN)/projet-partage up

# Start the set-up of docs/production.md on loopback: two of each process, PostgreSQL, Redis, HAProxy (SCALE="--help")
scale: install
	@exec $(BIN)/python -m scripts.scale $(SCALE)

# Play the whole real project to its end, on the running system or on one of its own
demo: install
	@exec $(BIN)/projet-partage demo $(DEMO)

# Run the tests (TESTS="-k charter" for some of them)
test: .venv/installed-dev $(NODE_TOOLS)
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(TESTS)

# Run the long tests: a run killed at each of its steps, the whole demonstration
trials: .venv/installed-dev .venv-client/installed $(NODE_TOOLS) $(JUDGES)
	$(BIN)/python -m pytest -m trials --numprocesses 3 --dist loadfile --no-loadscope-reorder $(TESTS)

# Break whole systems on purpose while sign-offs flow in, and judge: an hour or two (CHAOS="--only prefect_dropped --stages 100")
chaos: .venv/installed-dev
	@$(BIN)/python -m chaos $(CHAOS)

# Give every reader of foreign bytes what nobody would write, for an hour (FUZZ="--minutes 5 --only request")
fuzz: .venv/installed-dev
	@$(BIN)/python -m fuzz $(FUZZ)

# Check style, types and the arrows between packages
lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# Write the generated pages of docs/ again
docs: .venv/installed-dev
	$(BIN)/python -m scripts.draw_lifecycle
	$(BIN)/python -m scripts.write_commands

# Measure sign-offs beside other engines, the daily sweep, mails, pages; in .venv-bench (BENCH="--quick" for a trial)
bench: .venv-bench/installed
	.venv-bench/bin/python -m benchmarks $(BENCH)
	.venv-bench/bin/python -W ignore -m benchmarks.sweep $(BENCH)
	.venv-bench/bin/python -W ignore -m benchmarks.mails $(BENCH)
	.venv-bench/bin/python -W ignore -m benchmarks.pages $(BENCH)
	.venv-bench/bin/python -m benchmarks.wake_up
	.venv-bench/bin/python -m benchmarks.herd $(BENCH)

# Lock the dependencies again (UPGRADE="--upgrade" to take the newest)
lock: .venv/installed-dev
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	$(LOCK) --extra bench --constraint requirements.lock --output-file requirements-bench.lock
	$(COMPILE) --group client --output-file requirements-client.lock
	$(BIN)/python -m scripts.complete_lock requirements.lock requirements-dev.lock requirements-bench.lock

# Take away what was installed; the data in var/ stay
clean:
	rm -rf .venv .venv-bench .venv-client tests/node/node_modules tests/node/judges/node_modules .mypy_cache .ruff_cache .pytest_cache

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python $(PIP) --require-hashes --requirement requirements.lock
	$(BIN)/python $(PIP) $(THE_PROJECT)
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(BIN)/python $(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

# What some tests run on Node (npm writes that file itself); without Node, those tests say that they are left out
$(NODE_TOOLS) $(JUDGES): %/node_modules/.package-lock.json: %/package-lock.json
	@if command -v node >/dev/null && command -v npm >/dev/null; then npm ci --prefix $* --ignore-scripts --silent; fi

.venv-bench/installed: requirements-bench.lock pyproject.toml | .venv-bench/bin/python
	.venv-bench/bin/python $(PIP) --require-hashes --requirement requirements-bench.lock
	.venv-bench/bin/python $(PIP) $(THE_PROJECT)
	@touch $@

.venv-client/installed: requirements-client.lock | .venv-client/bin/python
	.venv-client/bin/python $(PIP) --require-hashes --requirement requirements-client.lock
	@touch $@

.venv/bin/python .venv-bench/bin/python .venv-client/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(@:/bin/python=)
	@echo "*" > $(@:/bin/python=)/.gitignore
