# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHARED ?= ../shared
DATA ?= $(SHARED)/data
PART ?= tune
SEED ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup run test lint typecheck imports unit eval eval-night bench lock models docs clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.ready ## make the virtual environment from the lock file

$(VENV)/.ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: setup ## run the night in data/raw, print its summary, write the report
	$(BIN)/isnad run configs/base.yaml
	$(BIN)/isnad report configs/base.yaml

test: setup lint typecheck imports unit ## everything that must pass before a commit lands

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typecheck: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

unit: setup
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --cov=pipeline --cov-report=term:skip-covered

eval: setup ## score the pipeline on the gold of $(SHARED); floors refuse to drop
	$(BIN)/python bench/evaluate.py --shared $(SHARED)

eval-night: setup ## score align on a generated night of 20,000 articles with planted copies (PART=final: the one not tuned on)
	rm -rf build/night
	$(BIN)/python bench/night.py --shared $(SHARED) --out build/night --part $(PART) --seed $(SEED)
	$(BIN)/python bench/night_score.py build/night --details build/night/details.json

bench: setup ## time every stage on real articles, append to bench/history.jsonl
	$(BIN)/python bench/bench.py --shared $(SHARED)

models: setup ## rebuild the language models from $(DATA); installs torch, which only training needs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]'
	$(BIN)/isnad models train udpipe --data $(DATA)
	$(BIN)/isnad models train ner --data $(DATA)

docs: setup ## write docs/tables.md from the declared tables
	$(BIN)/isnad docs

lock: setup ## pin all dependencies with hashes
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes \
		--custom-compile-command 'make lock' pyproject.toml -o requirements.lock

clean: ## remove the environment and everything generated
	rm -rf $(VENV) data/processed build dist .mypy_cache .ruff_cache .pytest_cache
