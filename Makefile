# Every command a person or CI runs; `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
ARGS ?=
EVAL ?=
TESTS ?= tests
# A test waits as often as it works; a file of tests stays together, for it shares its servers.
WORKERS ?= 3

.PHONY: help serve test check fmt train bench eval benchconsole benchshop benchturn benchwords chaos day simulate screenshots lock clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

serve: .venv/ready ## install, train, migrate, seed the demo shop and serve (ARGS="--port 5005 --data var")
	@.venv/bin/kefu serve $(ARGS)

test: .venv/ready-dev ## the whole test suite, browser tests included (TESTS=path for a part)
	@.venv/bin/kefu train
	@.venv/bin/pytest -n $(WORKERS) --dist loadfile $(TESTS)

check: .venv/ready-dev ## format, lint, types, import contracts, training data, consistency
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/rasa data validate --quiet >.rasa-validate.log 2>&1 || { cat .rasa-validate.log; exit 1; }
	@.venv/bin/pytest -q tests/test_consistency.py

fmt: .venv/ready-dev ## format the code and mend what ruff can mend
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

train: .venv/ready ## train the model if there is none for the present data
	@.venv/bin/kefu train

bench: .venv/ready ## measure a turn against stock Rasa in the same run (builds the peer's environment once)
	@.venv/bin/python -m benchmarks.run $(ARGS)

day: .venv/ready ## simulate a day at the desk: promises kept, service levels (ARGS="--conversations 3000 --agents 30")
	@.venv/bin/python -m benchmarks.day $(ARGS)

simulate: .venv/ready-dev ## 2,000 talks with simulated shoppers, the shop compared after each (ARGS="--dialogues N --seed N --workers N")
	@.venv/bin/python -m tests.simulation.run $(ARGS)

chaos: .venv/ready-dev ## 100,000 messages through a platform at its worst, the process killed ten times (ARGS="--channel wecom --messages N --kills N --seed N")
	@.venv/bin/python -m tests.platforms.chaos $(ARGS)

benchconsole: .venv/ready-dev ## measure the console: 20,000 messages, 1,000,000 closed cases (ARGS="--cases 10000" for less)
	@.venv/bin/python -m benchmarks.console $(ARGS)

benchshop: .venv/ready-dev ## measure look-ups in a shop of 1,500 and of 1,000,000 orders, and an import (ARGS="--orders 100000" for less)
	@.venv/bin/python -m benchmarks.shop $(ARGS)

benchturn: .venv/ready-dev ## measure a turn that reads an order beside one that reads nothing (ARGS="--turns 50" for less)
	@.venv/bin/python -m benchmarks.turns $(ARGS)

benchwords: .venv/ready-dev ## measure how 50,000 products are found in messages: memory, time (ARGS="--products 1000" for less)
	@.venv/bin/python -m benchmarks.words $(ARGS)

eval: .venv/ready ## measure understanding: docs/understanding-report.md (EVAL=file or folder of labelled lines)
	@.venv/bin/python -m benchmarks.understanding $(EVAL) $(ARGS)

screenshots: .venv/ready-dev ## make the pictures of the README
	@.venv/bin/python docs/screenshots.py

lock: ## compile requirements.txt and requirements-dev.txt from pyproject.toml
	@uv pip compile --quiet pyproject.toml --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -o requirements.txt
	@uv pip compile --quiet pyproject.toml --group dev --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -c requirements.txt -o requirements-dev.txt

clean: ## remove the environment and the models; what runs wrote (var/) stays
	@rm -rf .venv .tools models .rasa

.venv/ready: requirements.txt deploy/environment.sh
	@sh deploy/environment.sh requirements.txt
	@touch $@

.venv/ready-dev: requirements-dev.txt deploy/environment.sh
	@sh deploy/environment.sh requirements-dev.txt
	@touch $@ .venv/ready
