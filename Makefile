# NovaShop's one door. `make` alone lists the words; each makes what it needs first.
#
#     make run PORT=8080          make test ARGS="-k cart"          make audit ARGS="--help"

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -n 2 $(ARGS)
SERVER := $(BIN)/python -m tests.servers
EXPORT := uv export --quiet --frozen --no-header --no-default-groups --no-emit-project \
	--extra postgres --extra mysql

.PHONY: help
help:
	@echo "make <word>, and the words are:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1	\2/p' Makefile | expand -t 12

.PHONY: run
run: ready-to-run ## the shop at http://127.0.0.1:8000, until Ctrl-C (PORT=8080 moves it)
	@exec $(BIN)/python manage.py serve --host "$(HOST)" --port "$(PORT)" $(ARGS)

.PHONY: test
test: lint types ## everything: lint, types, then all tests on SQLite, MariaDB and PostgreSQL
	@unset DATABASE_URL; $(PYTEST)
	@$(SERVER) mariadb -- $(PYTEST) -m "not once"
	@$(SERVER) postgresql -- $(PYTEST) -m "not once"

.PHONY: lint
lint: ready-to-test ## ruff, and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

.PHONY: types
types: ready-to-test ## mypy, strictly
	@$(BIN)/mypy

.PHONY: format
format: ready-to-test ## let ruff mend and format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: audit
audit: ready-to-run ## check what must be true of the shop's database
	@$(BIN)/python manage.py audit $(ARGS)

.PHONY: pictures
pictures: ready-to-run ## draw the demo's pictures anew
	@$(BIN)/python -m shop.ops.demo.drawing $(ARGS)

.PHONY: lock
lock: ## lock the newest versions that pyproject.toml allows (needs uv; ARGS=--upgrade)
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	@uv lock $(ARGS)
	@$(EXPORT) -o deploy/requirements/run.txt
	@$(EXPORT) --group test -o deploy/requirements/test.txt

.PHONY: clean
clean: ## take away .venv and what the tools remember; the shop's data in var/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: ready-to-run ready-to-test
ready-to-run:
	@sh deploy/environment.sh run
ready-to-test:
	@sh deploy/environment.sh test
