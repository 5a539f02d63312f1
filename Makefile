# The everyday commands. `make test` is the one that passes the tests on a fresh Debian machine: it installs what is
# missing, which needs root or sudo. Nothing here needs a network other than the package registries of apt, pip and cargo.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
PINS := tests/python
VENVS := keystone tests flask22 tempest
PYTEST_ARGS ?=
TEMPEST_ARGS ?=

.PHONY: help test test-rust test-python test-tempest bench bench-smoke lint deps venvs

help:            ## What can be made
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | column -t -s "$$(printf '\t')"

test: deps test-rust bench-smoke test-python test-tempest ## Everything, with a real Postgres, Keystone and clients, and tempest

test-rust:       ## Unit, property, snapshot, vector and store tests
	cargo test

test-python: venvs ## The real Keystone, and real clients, against the binary that cargo builds
	cargo build
	cd tests/python && ../../.venv-tests/bin/python -m pytest $(PYTEST_ARGS)

test-tempest: venvs ## OpenStack's own conformance tests against the binary that cargo builds, on SQLite and on Postgres
	cargo build
	cd tests/python && ../../.venv-tests/bin/python -m tempest_run $(TEMPEST_ARGS)

bench-smoke:     ## That the benchmark works, for an instant each
	cargo bench --profile dev -- --smoke

bench:           ## Whole requests beside a bare axum handler that returns the same bytes
	cargo bench

lint:            ## Formatting, clippy and rustdoc, warnings denied
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items

# Each line: what to look for, and Debian's packages that bring it.
deps:            ## Installs the programs that the tests start, where they are missing
	@tests/install-missing

venvs: $(VENVS:%=.venv-%/.complete) ## Python environments, made again when their pins change

# The stamp holds the hash of the pins: a restored or copied directory is trusted only if it was made from these pins.
.venv-%/.complete: $(PINS)/requirements-%.txt
	@pins=$$(sha256sum < $<); \
	if [ "$$(cat $@ 2>/dev/null)" != "$$pins" ]; then \
		echo "making .venv-$* from $<"; \
		rm -rf .venv-$*; \
		$(PYTHON) -m venv .venv-$*; \
		.venv-$*/bin/pip install --quiet --disable-pip-version-check --requirement $<; \
		echo "$$pins" > $@; \
	else \
		touch $@; \
	fi
