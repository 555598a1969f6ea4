# One line a target. Plain `make` lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
CODE := app console channels bot assist desk insights context nlu knowledge kit sample_shop simulators migrations tests benchmarks
export PYTHONUNBUFFERED = 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev browser run chat train fmt lint types data test test-all eval sentiment bench chaos peers parity parity-record bot-vs-rasa rasa-widgets rasa-env peers-env search-peers haystack-env screenshots check lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Baton needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing pinned packages (a few minutes, once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.installed ## Make the environment with pinned packages

setup-dev: $(VENV)/.installed-dev ## The same, with the tools for development

browser: ## Install Chromium for the browser tests, where it is missing
	@sh deploy/install-chromium.sh

run: setup ## Start everything with the sample shop at http://localhost:8000
	@$(BIN)/baton run --demo

chat: setup ## Talk to the bot in the terminal
	@$(BIN)/baton chat

train: setup ## Train the bot and swap it into the running workers
	@$(BIN)/baton train

fmt: setup-dev ## Format the code
	@$(BIN)/ruff format $(CODE) && $(BIN)/ruff check --fix $(CODE)

lint: setup-dev ## Check style, imports between floors, spelling
	@$(BIN)/ruff format --check $(CODE) && $(BIN)/ruff check $(CODE) && $(BIN)/lint-imports && $(BIN)/codespell

types: setup-dev ## Check types
	@$(BIN)/mypy $(CODE)

data: setup ## Check training data, the bot's project and its test stories
	@$(BIN)/baton bot validate && $(BIN)/baton bot test

test: setup-dev browser ## Run the tests
	@$(BIN)/pytest -n $(or $(TEST_PROCESSES),3) --dist loadscope --durations=30

test-all: test ## Run the tests (there are no slower ones yet)

eval: setup ## Print quality figures on the shop's held-out sentences and on public data where it is there
	@$(BIN)/python -m benchmarks.evaluate

sentiment: setup ## Train the heads of sentiment that the project ships, after its sentences or their code changed
	@$(BIN)/python -m nlu.sentiment_kept $(or $(BATON_ENCODER_CACHE),.baton/encoders)

bench: setup ## Print speed and memory figures of this machine
	@$(BIN)/python -m benchmarks.first_figures

chaos: setup ## Kill processes at random while customers write; prints what was lost, doubled or reordered
	@$(BIN)/python -m benchmarks.chaos

peers: setup ## Train and ask Baton, Rasa's DIET, SetFit and logistic regression on the same rows (PRESET=banking77-10shot)
	@$(BIN)/python -m benchmarks.nlu_vs_peers --preset $(or $(PRESET),shop-en)

parity: setup ## Let Rasa 3.6.21 and Baton play the parity projects now, and compare (PROJECT=name for one)
	@$(BIN)/python -m benchmarks.parity --live --summary $(if $(PROJECT),--project $(PROJECT))

parity-record: ## Write the recordings of Rasa under tests/parity anew
	@test -x .rasa-venv/bin/python || { echo "Rasa's environment .rasa-venv is not there: run make rasa-env" >&2; exit 2; }
	@.rasa-venv/bin/python -W ignore -m benchmarks.parity_record $(PROJECT)

bot-vs-rasa: setup ## Measure Baton's bot and Rasa's on the same project: throughput, latency, cold start, training, memory
	@$(BIN)/python -m benchmarks.bot_vs_rasa

rasa-widgets: setup-dev browser ## The popular Rasa web widgets against Baton's doors (npm)
	@$(BIN)/python -m benchmarks.rasa_widgets

rasa-env: ## Make the Python 3.10 environment of Rasa 3.6.21 (.rasa-venv)
	@sh deploy/rasa-env.sh

peers-env: ## Make the environment of SetFit for `make peers` (.peers-venv)
	@PYTHON="$(PYTHON)" sh deploy/peers-env.sh

search-peers: setup ## Ask Baton's search, BM25, meaning alone and a Haystack hybrid the same public questions (ARGS="--full --only covid_faq")
	@$(BIN)/python -m benchmarks.search_vs_peers $(ARGS)

haystack-env: ## Make the environment of Haystack for `make search-peers` (.haystack-venv)
	@PYTHON="$(PYTHON)" sh deploy/haystack-env.sh

screenshots: setup-dev browser ## Take the pictures under docs/screenshots anew
	@$(BIN)/python -m benchmarks.screenshots

check: lint types data test ## The whole gate

lock: setup-dev ## Pin the packages anew
	@$(BIN)/python deploy/lock.py

clean: ## Remove the environment and caches; data stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
