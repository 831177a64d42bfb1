# Neural Networks from First Principles. `make` alone lists what there is.
#
# The first Python 3.11 or newer on the path makes .venv; everything is installed there.

PYTHON ?= python3 python3.13 python3.12 python3.11 python
FOUND := $(shell for python in $(PYTHON); do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$python; break; }; done)

ENVIRONMENT = $(FOUND) -m tools.environment
BIN := .venv/bin

# One thread for the linear algebra: on small arrays more threads only get in each other's way.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help book serve test check editions test-site parity interop launch vectors bench exercises notebooks lock clean python

help: ## List the targets
	@echo "Neural Networks from First Principles"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 18

book: python ## Execute the chapters and build the site into _build/html
	@$(ENVIRONMENT) book
	@$(BIN)/python -m tools.build_book

serve: book ## Build the book and show it at http://localhost:8000
	@$(BIN)/python -m tools.serve

# Two processes; the tests of a file share what they made, and so stay in one.
test: python ## Test the library, the exercises and the tools (Python only)
	@$(ENVIRONMENT) test
	@CHAINRULE_PROGRESS=0 $(BIN)/python -m pytest -n 2 --dist loadfile
	@echo "All tests passed. The built pages have tests of their own: make check, make test-site"

check: python ## Lint, types, import layers, generated files, and the built pages
	@$(ENVIRONMENT) dev
	@echo "Style";          $(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@echo "Style of the chapters' code"; $(BIN)/python -m tools.chapter_code
	@echo "Types";          $(BIN)/mypy
	@echo "Import layers";  $(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache
	@echo "Generated exercises"; $(BIN)/chainrule exercises build --check
	@$(BIN)/python -m tools.build_book
	@echo "Launched notebooks"; $(BIN)/python -m tools.notebooks --check
	@echo "Built pages";    $(BIN)/python -m pytest -q -m built tests/site
	@echo "All checks passed."

editions: python ## Write the PDF and the ePub of the book beside the site, and test them
	@$(ENVIRONMENT) site-test
	@$(BIN)/python -m tools.browser
	@$(BIN)/python -m tools.editions
	@$(BIN)/python -m pytest -q -m editions tests/site/test_editions.py

test-site: python ## Look at every built page in a browser, at two widths and in both themes
	@$(ENVIRONMENT) site-test
	@$(BIN)/python -m tools.browser
	@$(BIN)/python -m tools.axe
	@$(BIN)/python -m tools.build_book
	@$(BIN)/python -m pytest -q -m browser -n 2 tests/site
	@echo "All pages pass in the browser."

parity: python ## Compare the library with PyTorch, which gets .venv-parity for itself
	@$(ENVIRONMENT) parity
	@CHAINRULE_PROGRESS=0 .venv-parity/bin/python -m pytest -q -m parity tests/parity
	@echo "The library agrees with PyTorch."

interop: python ## Grade exported exercises with otter-grader and nbgrader, in .venv-interop
	@$(ENVIRONMENT) interop
	@CHAINRULE_PROGRESS=0 .venv-interop/bin/python -m pytest -q -m interop tests/interop
	@echo "The other graders give the same grades."

launch: python ## Run every notebook as Colab would, from the built site, in .venv-launch
	@$(ENVIRONMENT) dev launch
	@$(BIN)/python -m tools.build_book
	@CHAINRULE_PROGRESS=0 $(BIN)/python -m pytest -q -m launch -n 2 tests/launch
	@echo "Every notebook runs away from the repository, with the library that the site serves."

vectors: python ## Record PyTorch's values and gradients anew, for the witnesses
	@$(ENVIRONMENT) parity
	@.venv-parity/bin/python -m tests.parity.record

exercises: python ## Generate the exercise notebooks from solutions/*.md
	@$(ENVIRONMENT) book
	@CHAINRULE_PROGRESS=0 $(BIN)/chainrule exercises build

notebooks: python ## Write notebooks/, which Colab and Binder open, from the pages of the book
	@$(ENVIRONMENT) book
	@$(BIN)/python -m tools.notebooks

bench: python ## Measure the speed of the library next to PyTorch and scikit-learn
	@$(ENVIRONMENT) parity
	@.venv-parity/bin/python -m benchmarks

lock: python ## Resolve every dependency anew and write constraints.txt
	@$(FOUND) -m tools.lock

clean: ## Remove what builds and tools left behind (every .venv stays)
	@rm -rf _build .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	@echo "Removed _build and every cache."

python:
	@test -n "$(FOUND)" || { \
		echo "This needs Python 3.11 or newer, and no python3 on the path is." >&2; \
		echo "Install one from python.org or your system's packages, or name it:" >&2; \
		echo "    make book PYTHON=/path/to/python3.12" >&2; exit 1; }
