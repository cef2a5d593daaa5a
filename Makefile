# Two commands are all the set-up that a newcomer needs:
#   make demo    the main job on soft keys, end to end
#   make test    every test that needs no emulated machine; in CI (the variable CI is set) those, too
# Both install the Debian packages that are missing, and say so.

CARGO ?= cargo
FEATURES := --features softkey
# Soft keys build a C file system through bindgen.
PACKAGES := gcc libc6-dev libclang-dev

# The second client reads keys through hidapi's C back end.
SECOND := libudev-dev pkg-config
# The ledger, verified by other people's tools; and what sends signals.
VERIFIERS := python3 openssl jq xxd procps

.PHONY: demo test browser-test lint bench fuzz hw-test bench-key udev-rules deb deb-test deps

demo: deps
	$(CARGO) build --locked $(FEATURES)
	tests/demo.sh target/debug/glasskey

test: deps lint
	@tests/install-packages.sh $(VERIFIERS)
# In CI Microsoft's own parser reads the queries; without it that test says that it was skipped.
ifdef CI
	@if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund --prefix tests/kql || echo "SKIPPED Microsoft's KQL parser: it cannot be had here" >&2; else echo "SKIPPED Microsoft's KQL parser: there is no npm" >&2; fi
endif
	$(CARGO) test --locked $(FEATURES)
	$(CARGO) test --locked --no-default-features --features second-client --test second_client
	$(CARGO) build --locked
# In CI verifiers of others, a browser and the emulated machine, too. They fetch packages or take minutes, so elsewhere they
# are commands of their own.
ifdef CI
	tests/independent.sh
	$(MAKE) browser-test
	hw-tests/run
endif

# Reports and labels as a browser, a printer and a camera see them. The HTML checker needs Java, and is left out without.
VNU := vnu-jar@26.9.27
browser-test: deps
	@tests/install-packages.sh python3 zbar-tools poppler-utils
	@for one in chromium chromium-browser google-chrome; do command -v $$one >/dev/null && exit 0; done; tests/install-packages.sh chromium
	$(CARGO) test --locked $(FEATURES) --test report
	$(CARGO) test --locked $(FEATURES) --test onboard reports
	@if command -v npm >/dev/null && command -v java >/dev/null; then npm install --silent --no-audit --no-fund --prefix target/vnu $(VNU) || echo "SKIPPED the HTML checker: it cannot be had here" >&2; fi
	python3 tests/browser.py target/tmp/report

# In CI also what `cargo test` does not see: the fuzz targets (without libFuzzer: checked, not linked), and the other systems.
lint: deps
	@$(CARGO) fmt --version >/dev/null 2>&1 && $(CARGO) clippy --version >/dev/null 2>&1 || rustup component add rustfmt clippy
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked $(FEATURES) --all-targets -- -D warnings
	$(CARGO) clippy --locked --no-default-features --features second-client --lib --bins --examples --test second_client -- -D warnings
	$(CARGO) clippy --locked --package glasskey-hw-tests --all-targets -- -D warnings
ifdef CI
	CUSTOM_LIBFUZZER_PATH=/nowhere/libfuzzer.a $(CARGO) check --locked --manifest-path tests/fuzz/Cargo.toml --target-dir target --bins --examples
	tests/other-systems.sh
endif

# Counts and times of round trips to a key.
bench: deps
	$(CARGO) bench --locked $(FEATURES)

# Every parser, SECONDS each.
SECONDS ?= 120
fuzz:
	tests/fuzz/run.sh $(SECONDS)

# The release binary on a real kernel, with virtual keys, in an emulated machine.
hw-test:
	hw-tests/run

# The same checks against the one real key that is plugged in. Says first what it will do.
bench-key:
	hw-tests/bench-key

# The udev rule for systems without fido_id, from the catalogue's USB ids. tests/udev.rs holds one against the other.
udev-rules: deps
	GLASSKEY_WRITE=1 $(CARGO) test --locked $(FEATURES) --test udev the_list_is_the_catalogues

# The Debian package; deb-test also installs, uses and removes it in a clean Debian root.
deb: deps
	tests/package.sh
deb-test: deps
	tests/package.sh --try

deps:
	@tests/install-packages.sh $(PACKAGES) $(SECOND)
