# `make` lists the targets. You need Python >= 3.11, make and a package index.
PYTHON ?= python3
BIN := .venv/bin
# One installer for every set of packages; its own pin stands in tools/uv.txt.
INSTALL = UV_LINK_MODE=copy $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r

.PHONY: help archive check test audit format serve emulated-tiktok rehearsal try pictures docs verify live-smoke bench fuzz requirements clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "make %-14s %s\n", $$1, $$2}'

.venv/made: tools/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, but $(PYTHON) is " + sys.version.split()[0] + ": choose another with `make PYTHON=python3.13 ...`.")'
	@echo "Making .venv ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/uv.txt
	@touch $@

.venv/proxy: .venv/made proxy_app/requirements.txt
	@echo "Installing the proxy's packages ..."
	@$(INSTALL) proxy_app/requirements.txt
	@touch $@

.venv/tests: .venv/made tests/requirements.txt
	@echo "Installing the packages of the tests ..."
	@# Many tests start Python; with PYTHONDONTWRITEBYTECODE each would compile the SDKs again.
	@$(INSTALL) tests/requirements.txt --compile-bytecode
	@touch $@ .venv/proxy .venv/rehearsal

.venv/rehearsal: .venv/made rehearsal/requirements.txt
	@echo "Installing the packages of the rehearsal ..."
	@$(INSTALL) rehearsal/requirements.txt
	@touch $@ .venv/proxy

.venv/javascript: .venv/tests tools/javascript/package-lock.json
	@echo "Installing the linter of JavaScript ..."
	@$(BIN)/npm ci --prefix tools/javascript --ignore-scripts --no-audit --no-fund --silent
	@touch $@

check: .venv/tests .venv/javascript ## format, lint and strict types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright
	@$(BIN)/node tools/javascript/node_modules/eslint/bin/eslint.js --config tools/javascript/eslint.config.js --max-warnings 0 .

format: .venv/tests ## format the code and fix what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

test: .venv/tests ## every test
	@# Two processes more than there are cores, since tests wait for other processes and for time limits.
	@# Many tests start Python, which need not compile this project each time.
	@# Without a garbage collector each of the thousand starts of the CLI takes a third less CPU.
	@GOGC=off GOMEMLIMIT=512MiB PYTHONDONTWRITEBYTECODE= PULUMI_ERROR_OUTPUT_STRING=true $(BIN)/python -m pytest \
		--no-loadscope-reorder --numprocesses $$($(BIN)/python -c 'import os; print(2 + (os.cpu_count() or 1))') $(TESTS)

# Everything that is pinned, for whichever part; a file that comes later is looked at, too.
PINNED = $(wildcard requirements.txt */requirements.txt tools/*/requirements.txt tools/*.txt tests/system/applications/*/requirements.txt)

audit: .venv/tests ## look the pinned packages up at https://osv.dev (needs the network; ARGS=--help)
	@$(BIN)/pip-audit --vulnerability-service=osv --disable-pip --require-hashes --strict --progress-spinner=off \
		$(addprefix --requirement=,$(PINNED)) $(ARGS)

rehearsal: .venv/rehearsal ## deploy onto emulators on this machine (ARGS="--once", say; ARGS=--help lists them; IDENTITY=clerk)
	@$(BIN)/python -m rehearsal $(if $(IDENTITY),--identity $(IDENTITY)) $(ARGS)

try: .venv/rehearsal ## sign in to a live stack in your browser: make try STACK=dev APPLICATION=<its client id in Auth0>
	@$(BIN)/python -m rehearsal.application --stack "$(STACK)" --application "$(APPLICATION)" $(ARGS)

pictures: .venv/tests ## renew the README's pictures
	@$(BIN)/python -m pytest -q tests/system/browser/test_pictures.py
	@mkdir -p docs/pictures && cp build/pictures/readme/*.png docs/pictures/

docs: .venv/tests ## generate docs/package.md, docs/reference.md, docs/troubleshooting.md
	@$(BIN)/python -m tools.documents

serve: .venv/proxy ## the token proxy on http://localhost:3333
	@$(BIN)/python -m proxy_app

emulated-tiktok: .venv/proxy ## an emulated TikTok on http://localhost:8080, with an app for a callback on localhost:3000
	@$(BIN)/python -m emulators.tiktok --app awexample:not-a-secret --redirect-uri http://localhost:3000/callback --allow-http

.venv/program: .venv/made requirements.txt
	@echo "Installing the packages of the Pulumi program ..."
	@$(INSTALL) requirements.txt
	@touch $@

.venv/operations: .venv/made operations/requirements.txt
	@echo "Installing the packages of the commands for a live stack ..."
	@$(INSTALL) operations/requirements.txt
	@touch $@ .venv/program

verify: .venv/operations ## check a live stack: make verify STACK=dev (ARGS=--preflight before the first pulumi up, --sign-in, --json; IDENTITY=clerk)
	@$(BIN)/python -m operations.verify "$(STACK)" $(if $(IDENTITY),--identity $(IDENTITY)) $(ARGS)

live-smoke: .venv/operations ## a throw-away stack on real accounts, signed in to and destroyed: make live-smoke LIKE=dev
	@PYTHON=$(BIN)/python LIKE="$(LIKE)" operations/verify/live_smoke.sh

archive: .venv/program ## build the archives for Cloud Run and print their sizes
	@$(BIN)/python -m infra.archive.cache proxy_app emulators.tiktok

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command 'make requirements' pyproject.toml

requirements: .venv/made ## pin every package (UPGRADE=--upgrade takes the newest)
	@$(COMPILE) $(UPGRADE) --group tests -o tests/requirements.txt
	@$(COMPILE) -c tests/requirements.txt --group rehearsal -o rehearsal/requirements.txt
	@$(COMPILE) -c tests/requirements.txt --group pulumi -o requirements.txt
	@$(COMPILE) -c tests/requirements.txt --group operations -o operations/requirements.txt
	@$(COMPILE) -c tests/requirements.txt --group bootstrap -o bootstrap/requirements.txt
	@$(COMPILE) -c tests/requirements.txt --group bench -o bench/requirements.txt
	@$(COMPILE) -c tests/requirements.txt --group proxy -o proxy_app/requirements.txt
	@$(COMPILE) $(UPGRADE) --group go -o tools/pulumi/requirements.txt

.venv/bench: .venv/made bench/requirements.txt bench/peers/express/package-lock.json
	@echo "Installing the proxy's peers ..."
	@$(INSTALL) bench/requirements.txt
	@$(BIN)/npm ci --prefix bench/peers/express --ignore-scripts --no-audit --no-fund --silent
	@touch $@ .venv/proxy

bench: .venv/bench ## measure the proxy beside other servers, in 8 minutes (ARGS="--rounds 1" for less; ARGS=--help lists them)
	@$(BIN)/python -m bench $(ARGS)

fuzz: .venv/tests ## a million random inputs for the parsers of forms and of TikTok's answers, in a minute (INPUTS=...)
	@$(BIN)/python -m tests.support.properties.fuzz $(INPUTS)

clean: ## remove everything that was created here
	@rm -rf .venv build .pytest_cache .ruff_cache .hypothesis tools/javascript/node_modules
