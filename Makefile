# Every command of the project. `make` lists them.
ENV ?= hybrid
TARGET ?=
PYTHON ?= python3
BIN := .venv/bin
AIM := $(if $(TARGET),--target $(TARGET))

# The parts of the tests. A file of tests belongs to exactly one.
PARTS := plan cloud rehearsal pulumi machines sites
TESTS_plan := tests/unit tests/repository
TESTS_cloud := tests/cloud
TESTS_rehearsal := tests/rehearsal tests/aws
TESTS_pulumi := tests/pulumi
TESTS_machines := $(addprefix tests/drills/,test_lab.py test_preflight.py test_fresh_debian.py)
TESTS_sites := $(addprefix tests/drills/,test_deploy.py test_changes.py test_modes.py test_cloud.py test_upgrade.py)
$(if $(filter-out $(PARTS),$(PART)),$(error PART is one of: $(PARTS)))
FAST := -m "not slow"
# Two workers take files in the order in which they are named: what takes longest comes first.
SHARED := -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup init plan explain diff preview drift deploy verify load destroy renew handover bundle packages pulumi-cli scan schema changes lint test test-quick test-all bench bench-plan bench-recording $(PARTS:%=part-%)

help:      ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:     ## Prepare .venv/ (every other command does this by itself)
	@$(PYTHON) seatworks/bootstrap.py

init: setup      ## Ask eight questions and write a new inventories/NAME/seatworks.yml
	@$(BIN)/seatworks init

plan: setup      ## Size, plan and price ENV; writes build/ENV/plan.html (PAGE=zh: in Chinese)
	@$(BIN)/seatworks plan $(ENV) $(if $(PAGE),--lang $(PAGE))

explain: setup   ## Say why a number of ENV is what it is (FIGURE=trunk_channels; without: list them)
	@$(BIN)/seatworks explain $(ENV) $(FIGURE)

diff: setup      ## Say what changes on the way from ENV to TO, what stops meanwhile, what it costs
	@$(BIN)/seatworks diff $(ENV) $(TO)

preview: setup   ## Show what a deploy of ENV would change
	@$(BIN)/seatworks preview $(ENV) $(AIM)

drift: setup     ## Say how plan, account and hosts of ENV differ from what was deployed
	@$(BIN)/seatworks drift $(ENV) $(AIM)

deploy: setup    ## Build ENV and prove it with real calls (TARGET=lab|live; ONLY=changed; REMAKE=db1: a standby copied anew)
	@$(BIN)/seatworks deploy $(ENV) $(AIM) $(if $(RETIRE_CLOUD),--retire-cloud) $(if $(ONLY),--only-$(ONLY)) $(if $(REMAKE),--remake $(REMAKE))

verify: setup    ## Check ENV and make the acceptance calls again
	@$(BIN)/seatworks verify $(ENV) $(AIM)

load: setup      ## Hold the sized calls of ENV for a minute (CALLS=n: another number; CALLS=max: look for the most)
	@$(BIN)/seatworks load $(ENV) $(AIM) $(if $(CALLS),--calls $(CALLS))

destroy: setup   ## Take away what deploy made of ENV; a live site asks for its name (DATA=yes: its data too)
	@$(BIN)/seatworks destroy $(ENV) $(AIM) $(if $(DATA),--data) $(if $(CONFIRM),--confirm "$(CONFIRM)")

renew: setup     ## Make certificates of ENV anew, for the next deploy (HOST=name: that one's; AUTHORITY=yes: the authority's)
	@$(BIN)/seatworks renew $(ENV) $(AIM) $(if $(HOST),--host $(HOST)) $(if $(AUTHORITY),--authority)

handover: setup  ## List what another computer needs to run ENV live, and what of it is here
	@$(BIN)/seatworks handover $(ENV)

bundle: setup    ## Write build/ENV/TARGET/bundle.tar.gz, with which hosts configure themselves (HOST=name: for that one only)
	@$(BIN)/seatworks bundle $(ENV) $(AIM) $(if $(HOST),--host $(HOST))

packages: setup  ## Build the Asterisk packages that a live site wants
	@$(BIN)/python -m lab.machines.asterisk_packages

pulumi-cli: setup ## Put the pinned Pulumi CLI in place (a live cloud site needs one)
	@$(BIN)/python -m stacks.live.install

scan: setup      ## Let a scanner of others (prowler, 2.3 GB once) look at the cloud site that ENV's plan makes
	@$(BIN)/python -m lab.scan $(ENV)

schema: setup    ## Write the JSON Schema that editors use
	@$(BIN)/seatworks schema > docs/seatworks.schema.json

changes: setup   ## Write docs/changes.md and its Chinese twin
	@$(BIN)/python -m seatworks.changes > docs/changes.md
	@$(BIN)/python -m seatworks.changes zh > docs/changes.zh-CN.md

lint: setup      ## Check style, types and structure
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/yamllint --strict .
	@ANSIBLE_INVENTORY=inventories/hybrid $(BIN)/ansible-lint --offline site.yml roles

test: lint       ## What CI runs, 20 minutes: every part but what is marked slow; deploys a lab and calls through it
	@$(BIN)/python -m stacks.live.install --if-possible > /dev/null
	@$(BIN)/pytest $(FAST) $(SHARED) $(foreach part,pulumi rehearsal cloud plan,$(TESTS_$(part)))
	@$(BIN)/pytest $(FAST) $(SHARED) $(foreach part,sites machines,$(TESTS_$(part)))

test-quick: setup ## What needs no machine and no account, 2 minutes: for the one who edits
	@$(BIN)/pytest -m "not slow and not lengthy" $(SHARED) $(TESTS_plan)

test-all: lint   ## Every test, part by part (PART=name: that one); docs/tests.md says what each proves
	@$(BIN)/python -m stacks.live.install --if-possible > /dev/null
	@SEATWORKS_EXAMPLES=$(or $(SEATWORKS_EXAMPLES),300) $(MAKE) --no-print-directory --keep-going \
		$(patsubst %,part-%,$(or $(PART),$(PARTS)))

$(PARTS:%=part-%): part-%:
	@echo "== $*"
	@$(BIN)/pytest $(if $(filter plan cloud rehearsal,$*),$(SHARED)) $(TESTS_$*)

bench: setup $(if $(ON),,bench-plan) ## Time each phase of a deploy of ENV (ON=bookworm|trixie: on a fresh Debian)
	@$(BIN)/python -m tests.bench $(ENV) $(if $(ON),--on $(ON))

bench-plan: setup ## Time the traffic engine against other packages, and a plan of 100 and of 100,000 seats
	@$(BIN)/pip install --quiet --editable .[bench]
	@$(BIN)/python -m tests.bench_traffic
	@$(BIN)/python -m tests.bench_plan

bench-recording: setup ## Time the store's work for a day of 100,000 recordings
	@$(BIN)/python -m tests.bench_recording

