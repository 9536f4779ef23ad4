# The commands of the course. `make book` and `make test` each work alone on a fresh machine with Python 3.11+, git and make.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
LITE := .venv-lite
# WITHOUT_LITE=1 leaves out Python in the browser: a quicker build while one writes.
WITH_LITE := $(if $(WITHOUT_LITE),,$(LITE)/.lite)
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
PYTEST := $(PY) -m pytest -n auto --dist worksteal
TORCH := torch==2.13.0
TORCH_INDEX := https://download.pytorch.org/whl/cpu

.PHONY: book serve notebooks exercises test lint bench lock clean help

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

book: $(VENV)/.book $(WITH_LITE) ## build the whole site into _build/html
	@$(PY) -m website build

serve: $(VENV)/.book ## serve the built site at localhost (PORT=8000)
	@$(PY) -m website serve --port $(PORT)

exercises: $(VENV)/.test ## prove every exercise and write its release notebook
	@$(PY) -m grader prove
	@$(PY) -m grader release --out _build/exercises

notebooks: $(VENV)/.book ## write the executed student notebooks into _build/html/notebooks
	@$(PY) -m website.execute
	@$(PY) -m website.notebooks --out _build/html/notebooks

test: $(VENV)/.oracles $(WITH_LITE) ## set up, build the site, and run every test
	@$(PY) -m website build
	@nnlib=0; $(PYTEST) tests/nnlib nnlib --cov || nnlib=$$?; \
	  $(PYTEST) --ignore=tests/nnlib --ignore=nnlib && exit $$nnlib

lint: $(VENV)/.test ## style, types and docstrings
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.test ## measure nnlib beside other libraries
	@$(PY) -m benchmarks

lock: $(VENV)/.test ## renew the lock files in requirements/
	@$(PY) requirements/lock.py

clean: ## remove what was built and installed
	rm -rf _build $(VENV) $(LITE) website/frontend/node_modules

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 ...")'
	@echo "Setting up Python in $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)

# PyTorch, TensorFlow and autograd, with which nnlib must agree. PyTorch's build for the processor stands on its own index.
$(VENV)/.oracles: requirements/oracles.txt $(VENV)/.test
	@echo "Installing the packages of $< ..."
	@$(PIP) --require-hashes --only-binary :all: -r $<
	@$(PIP) --no-deps $(TORCH)+cpu 2>/dev/null || $(PIP) --no-deps --index-url $(TORCH_INDEX) $(TORCH) || \
	  echo "PyTorch can't be had here: the tests that compare with it are skipped."
	@touch $@

# JupyterLite, in an environment of its own. Without it the book builds all the same, and says that it lacks Python in the
# browser; REQUIRE_LITE=1 makes that a failure.
$(LITE)/.lite: requirements/lite.txt | $(VENV)/bin/python
	@echo "Installing the packages of $< ..."
	@$(PYTHON) -m venv $(LITE)
	@$(LITE)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $< \
	  && touch $@ || { echo "JupyterLite can't be had here."; test -z "$(REQUIRE_LITE)"; }

# A stamp a lock: what is installed is exactly what the lock names, by hash.
$(VENV)/.%: requirements/%.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing the packages of $< ..."
	@$(PIP) --require-hashes --only-binary :all: -r $<
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
