# Parley: what can be done with this checkout. `make help` lists it.
#
# ARGS goes to the command a target runs, for instance: make test ARGS='--filter Messaging'

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
SWIFT := scripts/swift
PARLEY := .build/release/parley

# On Linux the executable carries the Swift runtime in itself: it starts faster and needs no Swift where it runs.
RELEASE := -c release --product parley $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib)

# Generated code is formatted by its generator.
SWIFT_SOURCES = find Sources Tests Package.swift -name '*.swift' \
	-not -path '*/Generated/*' -not -path '*/.build/*' -print0

.DEFAULT_GOAL := help
.PHONY: help setup build test test-swift test-model test-end-to-end run bench torture format lint clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: Swift, libraries, Python for the tests (or say what to install)
	@scripts/setup

build: setup ## Build the executable, optimised: .build/release/parley
	$(SWIFT) build $(RELEASE)

test: test-swift test-model test-end-to-end ## Run every test

# Tests drive the real executable, so it is built first.
test-swift: build
	$(SWIFT) test $(ARGS)

test-model: setup
	scripts/python -m unittest discover -s Tests/Model

# Real processes: whole histories against the reference model, 100 kill -9, and 100 cycles of mixed faults with real servers.
test-end-to-end: build
	scripts/python -m unittest discover -s Tests/EndToEnd

run: build ## Run the main job on a sample history, in ./parley-data
	scripts/demo $(ARGS)

bench: build ## Measure, each figure beside its floor
	$(PARLEY) bench $(ARGS)

torture: build ## Run the long loops: 1,000 kill -9, 1,000 fault cycles, 30 random histories, more seeds of every property test
	PARLEY_KILLS=1000 PARLEY_REPLAY_KILLS=200 PARLEY_EXPLAINED=1000 PARLEY_VERIFIED=1000 PARLEY_FAULTS=1000 PARLEY_MEMORY_RECORDS=10000000 PARLEY_HISTORIES=30 \
		PARLEY_IDS=1000000 PARLEY_JUDGE_SECONDS=120 PARLEY_JUDGE_KILLS=200 scripts/python -m unittest discover -s Tests/EndToEnd
	PARLEY_TORTURE=1 $(SWIFT) test $(ARGS)

format: setup ## Format the sources in place
	$(SWIFT_SOURCES) | xargs -0 $(SWIFT) format format --in-place --parallel

lint: setup ## Check the sources' format, strictly
	$(SWIFT_SOURCES) | xargs -0 $(SWIFT) format lint --strict --parallel

clean: ## Remove what was built (not ./parley-data)
	rm -rf .build
