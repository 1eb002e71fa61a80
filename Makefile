.POSIX:
PYTHON ?= python3
BIN = .venv/bin
DEMO =

.PHONY: demo test coverage faults faults-table bench lint lock wheel clean

demo: .venv/ready
	$(BIN)/monitor demo $(DEMO)

test: .venv/ready
	$(BIN)/python -m pytest -n auto

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch .venv/ready

# The pure rooms must be covered to the last line.
coverage: .venv/ready
	$(BIN)/python -m pytest -n auto --cov --cov-report=term \
		tests/config tests/rules tests/sources tests/stages tests/text tests/jobs tests/preview tests/sinks \
		tests/test_errors.py tests/test_messages.py tests/test_model.py tests/test_schedule.py tests/test_terminal.py tests/test_urls.py

# What takes too long for each run: real clocks and lives, every death by every fault of Slack, kills drawn by lot.
faults: .venv/ready
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "(fault or long or matrix) and not soak" --faults
	$(BIN)/python -m pytest -s -m soak --faults

# Every fault by its number, the quick tests and the long ones: a table of what ran and what held. Every death by every
# fault, and kills by lot, belong to `make faults`.
faults-table: .venv/ready
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "fault and not matrix and not soak" --faults

# Polling beside a bare loop, start-up and idling, matching beside its rivals: tables on the terminal, in some minutes.
bench: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	$(BIN)/python benchmarks/polling.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/matching.py
	$(BIN)/python benchmarks/loading.py

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Where monitor only runs, this wheel and requirements-run.lock are installed.
wheel: .venv/ready
	rm -f dist/monitor-*.whl
	$(BIN)/hatchling build -t wheel -d dist

# The locks name no host: no index addresses, no header. The ones for running and for building are parts of it.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--extra dev --quiet -o requirements.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--constraint requirements.lock --quiet -o requirements-run.lock pyproject.toml
	echo hatchling | uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --constraint requirements.lock --quiet -o requirements-build.lock -
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--quiet -o benchmarks/requirements.lock benchmarks/requirements.in

clean:
	rm -rf .venv
