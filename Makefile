# Two commands do everything: `make demo` and `make test`. The others are their parts.

.DEFAULT_GOAL := help
.PHONY: help demo test bench model packages web build lint recordings screenshots

CARGO_TARGET_DIR ?= target
DAEMON = $(abspath $(CARGO_TARGET_DIR))/debug/vorrang
RECORDINGS = $(CARGO_TARGET_DIR)/tmp/recordings

help: ## What there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: web ## Build the daemon and run it with a demo company; prints the address to open
	@cargo build --quiet
	@$(DAEMON) demo $(DEMO)

test: packages lint ## All tests: units, laws, actors, real SIP peers, a real browser
	cargo test --workspace # and the daemon, as the browser meets it below
	cargo test --lib --features postgres store::stories
	cd web-widget && npm test && npm run size
	cd agent-desktop && npm test && npm run size
	cd tests/browser && VORRANG_BIN=$(DAEMON) npm test

lint: web tests/browser/node_modules ## Formatting and lints, in all languages
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cd web-widget && npm run lint && npm run check
	cd agent-desktop && npm run lint && npm run check
	cd tests/browser && npm run lint && npm run check

build: web ## The daemon with both web applications in it
	cargo build

recordings: $(RECORDINGS) ## What the screens of all scenarios are sent, for the front ends' tests, pictures and developers

screenshots: web tests/browser/node_modules $(RECORDINGS) ## Pictures of all pages: target/screenshots/index.html; fails if axe or a console finds something
	cd tests/browser && VORRANG_BIN=$(DAEMON) timeout 1h npm run screenshots

bench: web tests/browser/node_modules ## What the documentation claims, measured; needs SIPp, valgrind, a browser and two idle cores
	cargo bench --workspace
	cargo build --release
	cd tests/browser && VORRANG_BIN=$(abspath $(CARGO_TARGET_DIR))/release/vorrang npm run bench

model: ## The laws under many more stories, and more happening on each floor: takes an hour and up to 16 GB
	LAWS_CASES=300000 cargo test -p domain --release --test laws -- --nocapture
	MODEL=full cargo test -p domain --release --test model -- --nocapture --test-threads=1
	MODEL=full cargo test --test vorrang kills

web: web-widget/dist agent-desktop/dist

packages: ## The Debian packages that the tests use: installed when root, else named
	@scripts/packages

web-widget/dist: web-widget/node_modules $(shell find web-widget/src web-shared/src -type f) web-widget/vite.config.ts web-widget/package.json scripts/compress.mjs
	cd web-widget && npm run build
	@touch $@

agent-desktop/dist: agent-desktop/node_modules $(shell find agent-desktop/src agent-desktop/messages web-shared/src -type f -not -path '*/paraglide/*') agent-desktop/index.html agent-desktop/vite.config.ts agent-desktop/package.json scripts/compress.mjs
	cd agent-desktop && npm run build
	@touch $@

$(RECORDINGS): $(shell find src sip/src domain migrations tests/scenarios tests/scenarios.rs -type f) Cargo.lock
	cargo test --quiet --test vorrang scenarios
	@touch $@

%/node_modules: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@
