# make demo   the default study, from nothing to results/report.html
# make test   everything that guards the project
# make check  lint, types, and the unit tests that need no networks, for every edit
# make docs   the documentation as a site, in site/; a broken link is an error
# make test-kernels   all tests under each BLAS kernel, with one thread and with two; before a release

PYTHON ?= python3
CORES ?= all
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test check lint test-kernels docs format clean

demo: .venv/ready
	@plan=$$($(BIN)/snakemake --cores $(CORES) --dry-run 2>&1) || { echo "$$plan"; exit 1; }; \
	case "$$plan" in \
		*"Nothing to be done"*) echo "Nothing to be done: the study is up to date. Open results/report.html" ;; \
		*) $(BIN)/snakemake --cores $(CORES) --quiet rules host reason && echo "Open results/report.html" ;; \
	esac

test: lint
	$(BIN)/snakemake --lint
	$(BIN)/pytest

check: lint
	$(BIN)/pytest -m "not slow" $$(grep --recursive --files-without-match --include=test_*.py torch tests/unit)

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/mypy

test-kernels: .venv/ready
	bash tests/kernels.sh

docs: .venv/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Open site/index.html"

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow/rules

.venv/ready: envs/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Ventral needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement envs/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/docs: .venv/ready envs/docs.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint envs/requirements.txt --requirement envs/docs.txt
	@touch $@

clean:
	rm -rf .venv .snakemake
