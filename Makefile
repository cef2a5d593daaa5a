# Two commands are all the set-up that a newcomer needs:
#   make demo    the main job on soft keys, end to end
#   make test    every test
# Both install the Debian packages that are missing, and say so.

CARGO ?= cargo
FEATURES := --features softkey
# Soft keys build a C file system through bindgen.
PACKAGES := gcc libc6-dev libclang-dev

.PHONY: demo test lint bench fuzz hw-test deps

demo: deps
	$(CARGO) build --locked $(FEATURES)
	tests/demo.sh target/debug/glasskey

test: deps lint
	$(CARGO) test --locked $(FEATURES)
	$(CARGO) build --locked

lint: deps
	$(CARGO) fmt --check
	$(CARGO) clippy --locked $(FEATURES) --all-targets -- -D warnings

# Counts and times of round trips to a key.
bench: deps
	$(CARGO) bench --locked $(FEATURES)

# Every parser, SECONDS each.
SECONDS ?= 120
fuzz:
	tests/fuzz/run.sh $(SECONDS)

deps:
	@tests/install-packages.sh $(PACKAGES)
