# NovaShop's one door. `make` alone lists the words; each makes what it needs first.
#
#     make run PORT=8080          make test ARGS="-k cart"          make audit ARGS="--help"

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

HOST ?= 127.0.0.1
# 8000 for `make run`, 8080 for `make stack`.
PORT ?=
ARGS ?=
# Of `make stack`: app servers for browsing, the database (postgresql or mysql), and what carries
# events (rabbitmq, where it is installed, or none).
APPS ?= 2
DB ?= postgresql
BROKER ?= rabbitmq
# Of `make backup` and `make restore`: the new file or folder, and the file to put back.
TO ?=
FILE ?=
# Of `make load`: how many people, for how long, and where (a stack of its own unless URL is set).
USERS ?= 200
TIME ?= 60s
URL ?=

BIN := .venv/bin
# Some tests have the machine to themselves; ARGS narrows the others down. Of two processes each works
# through half of the tests in their order, so that what a module starts for all of its tests is
# mostly started once, and whoever is done helps the other.
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal -m "not alone" $(ARGS)
# What people and programs see is made from what the packages answer: that it is the same on every
# database, CI alone asks. It alone kills processes beside each of them, too.
OF_CI := $(patsubst %,--ignore=%,shop/storefront shop/backoffice shop/api tests/crashes)
OTHERS := -m "not once and not alone" $(if $(CI)$(strip $(ARGS)),,$(OF_CI))
ALONE := $(if $(strip $(ARGS)),,$(BIN)/python -m pytest -p no:xdist -m alone tests/stack)
SERVER := $(BIN)/python -m tests.servers
STACK := $(BIN)/python -m deploy.stack
EXPORT := uv export --quiet --frozen --no-header --no-default-groups --no-emit-project \
	--extra postgres --extra mysql

.PHONY: help
help:
	@echo "make <word>, and the words are:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1	\2/p' Makefile | expand -t 18

.PHONY: run
run: ready-to-run ## the shop at http://127.0.0.1:8000, until Ctrl-C (PORT=8080 moves it)
	@exec env SITE_URL="$${SITE_URL:-http://127.0.0.1:$(or $(PORT),8000)}" \
		$(BIN)/python manage.py serve --host "$(HOST)" --port "$(or $(PORT),8000)" $(ARGS)

.PHONY: stack stack-down stack-restart stack-status stack-clean
stack: ready-to-stack ## nginx, APPS=2 app servers, PostgreSQL (DB=mysql: MariaDB), Redis, RabbitMQ at :8080
	@exec $(STACK) up --host "$(HOST)" --port "$(or $(PORT),8080)" --apps "$(APPS)" \
		--database "$(DB)" --broker "$(BROKER)"
stack-down: ready-to-stack ## end the stack that runs in DATA_DIR (var/stack), from any window
	@exec $(STACK) down
stack-restart: ready-to-stack ## bring the stack up to date, one process at a time, while it is open
	@exec $(STACK) restart
stack-status: ready-to-stack ## what runs in the stack
	@exec $(STACK) status
stack-clean: ready-to-stack ## remove the stack's data; the next one begins with the demo
	@exec $(STACK) clean

.PHONY: load
load: ready-to-load ## a crowd in the shop: USERS=200 TIME=60s, in a stack of its own or at URL=http://…
	@exec $(BIN)/python -m load.running --users "$(USERS)" --time "$(TIME)" --url "$(URL)" \
		--apps "$(APPS)" --database "$(DB)" $(ARGS)

.PHONY: flash-sale
flash-sale: ready-to-load ## 5,000 buyers, 1,000 units, 200 at once: exactly those are sold, RUNS=1 times (DB=mysql)
	@exec $(BIN)/python -m load.flash_sale --runs "$(or $(RUNS),1)" --database "$(DB)" $(ARGS)

.PHONY: rush
rush: ready-to-load ## three times as many orders as can be placed, for SECONDS=120, and what becomes of them
	@exec $(BIN)/python -m load.rush $(if $(SECONDS),--seconds "$(SECONDS)") $(ARGS)

.PHONY: peak
peak: ready-to-load ## RATE=120 orders a second for SECONDS=600, beside USERS=200 people who look around
	@exec $(BIN)/python -m load.peak --rate "$(or $(RATE),120)" --users "$(USERS)" \
		--seconds "$(or $(SECONDS),600)" $(ARGS)

.PHONY: drill
drill: ready-to-load ## kill, restart, pause, slow down and cut off each part before a crowd (PARTS= FAULTS= SEEDS= SECONDS= RATE=)
	@exec $(BIN)/python -m load.drills $(if $(PARTS),--parts "$(PARTS)") $(if $(FAULTS),--faults "$(FAULTS)") \
		$(if $(SEEDS),--seeds "$(SEEDS)") $(if $(SECONDS),--seconds "$(SECONDS)") $(if $(RATE),--rate "$(RATE)") \
		--database "$(DB)" --broker "$(BROKER)" $(ARGS)

.PHONY: bench
bench: ready-to-load ## the shop's speed beside this machine's limits (ROWS=bare_view,search SECONDS=5)
	@exec $(BIN)/python -m load.bench --rows "$(ROWS)" $(if $(SECONDS),--seconds "$(SECONDS)") $(ARGS)

# Python starts hundreds of times, and need not compile everything each time.
test unit: export PYTHONDONTWRITEBYTECODE :=

.PHONY: unit
unit: ready-to-test ## the tests that need no database, server, browser or other process: half a minute
	@unset DATABASE_URL; $(PYTEST) -p tests.units -r fE

.PHONY: test
test: lint types ## lint, types, tests on SQLite, MariaDB, PostgreSQL and the stack (CI=true: the long ones too)
	@unset DATABASE_URL; $(PYTEST)
	@$(SERVER) mariadb -- $(PYTEST) $(OTHERS)
	@$(SERVER) postgresql -- $(PYTEST) $(OTHERS)
	@unset DATABASE_URL; $(ALONE)

.PHONY: order-life
order-life: ready-to-test ## STORIES=10000 made-up lives of orders, each step foretold; var/order-life.log tells
	@mkdir -p var
	@unset DATABASE_URL; STORIES="$(or $(STORIES),10000)" $(BIN)/python -m pytest -p no:xdist $(ARGS) \
		-o log_cli=true --log-cli-level=INFO tests/journeys/test_order_life.py >var/order-life.log 2>&1; \
		status=$$?; tail -n 40 var/order-life.log; exit $$status

.PHONY: docker docker-check
docker: ## the full stack in containers, by docker compose (PORT=9000, DB=mysql)
	@exec env PORT="$(or $(PORT),8080)" BIND="$(HOST)" docker compose $(if $(filter mysql,$(DB)), \
		$(if $(wildcard .env),--env-file .env) --env-file deploy/docker/mysql.env) up --build $(ARGS)
docker-check: ready-to-run ## the shop of compose.yaml in containers of its own: tried out, measured, removed
	@exec $(BIN)/python -m tests.docker.check $(if $(PORT),--port "$(PORT)") $(ARGS)

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

.PHONY: deliveries
deliveries: ready-to-test ## how fast events are delivered: WHAT=drain or latency; BY=rabbitmq
	@exec $(SERVER) postgresql -- $(BIN)/python -m tests.broker.measuring $(or $(WHAT),drain) \
		$(if $(BY),--by $(BY)) $(ARGS)

.PHONY: killing
killing: ready-to-test ## EVENTS=50000 while RabbitMQ is killed KILLS=20 times: none lost, none done twice; var/killing.log
	@mkdir -p var
	@$(SERVER) postgresql -- $(BIN)/python -m tests.broker.measuring killing \
		--events $(or $(EVENTS),50000) --kills $(or $(KILLS),20) $(ARGS) >var/killing.log 2>&1; \
		status=$$?; grep -E "^[0-9:]{8} kill" var/killing.log; \
		test $$status = 0 || tail -n 25 var/killing.log; exit $$status

.PHONY: audit
audit: ready-to-run ## check what must be true of the shop's database
	@$(BIN)/python manage.py audit $(ARGS)

.PHONY: backup restore
backup: ready-to-run ## database and pictures in one file, while the shop is open (TO=… says where)
	@$(BIN)/python manage.py backup $(if $(TO),--to "$(TO)") $(ARGS)
restore: ready-to-run ## put the backup FILE=… back (ARGS=--check only looks whether it is whole)
	@test -n "$(FILE)" || { echo "make restore FILE=… needs the file of a backup" >&2; exit 1; }
	@$(BIN)/python manage.py restore "$(FILE)" $(ARGS)

.PHONY: pictures
pictures: ready-to-run ## draw the demo's pictures anew
	@$(BIN)/python -m shop.ops.demo.drawing $(ARGS)

.PHONY: lock
lock: ## lock the newest versions that pyproject.toml allows (needs uv; ARGS=--upgrade)
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	@uv lock $(ARGS)
	@$(EXPORT) -o deploy/requirements/run.txt
	@$(EXPORT) --group image -o deploy/requirements/image.txt
	@$(EXPORT) --group stack -o deploy/requirements/stack.txt
	@$(EXPORT) --group load -o deploy/requirements/load.txt
	@$(EXPORT) --group test -o deploy/requirements/test.txt

.PHONY: clean
clean: ## take away .venv and what the tools remember; the shop's data in var/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: ready-to-run ready-to-stack ready-to-load ready-to-test
ready-to-run:
	@sh deploy/environment.sh run
ready-to-stack:
	@sh deploy/environment.sh stack
ready-to-load:
	@sh deploy/environment.sh load
ready-to-test:
	@sh deploy/environment.sh test
