.POSIX:
PYTHON ?= python3
BIN = .venv/bin

.PHONY: demo test lint lock clean

demo: .venv/ready
	$(BIN)/monitor demo

test: .venv/ready
	$(BIN)/python -m pytest -n auto

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch .venv/ready

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The lock names no host: no index addresses, no header.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--extra dev --quiet -o requirements.lock pyproject.toml

clean:
	rm -rf .venv
