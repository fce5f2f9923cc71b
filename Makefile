# Every target does its own set-up on a fresh Debian 12 with Rust, gcc, make and git.
.POSIX:
.PHONY: help run test test-full bench setup lint clean

OUT = results
ARGS =
EXPECT = --expect vendor-profiles/trial-2018.toml
PROGRAM = $${CARGO_TARGET_DIR:-target}/release/ikematrix

help:
	@echo 'make run        build, then run the field trial of 2018; results in $(OUT)/'
	@echo 'make test       formatting, lints, licences, unit tests and end-to-end tests'
	@echo 'make test-full  the same with the tests that take long'
	@echo 'make bench      how long each part of a run takes'
	@echo 'make lint       formatting, lints and licences only'
	@echo 'make setup      only install what the other targets need'
	@echo 'make clean      remove what runs left behind, the results and the build'
	@echo
	@echo 'More words for a run go into ARGS, e.g. make run ARGS="--vendor trial-a --lang ja"'
	@echo 'EXPECT= runs without the trial: all vendors, the core cases, and no comparison'

run:
	@sh scripts/setup.sh run
	cargo build --release --locked
	"$(PROGRAM)" run --out "$(OUT)" $(EXPECT) $(ARGS)

test:
	@sh scripts/setup.sh test
	@sh scripts/lint.sh
	@sh scripts/test.sh

test-full:
	@sh scripts/setup.sh test
	@sh scripts/lint.sh
	@sh scripts/test.sh --include-ignored

bench:
	@sh scripts/setup.sh run
	cargo build --release --locked
	"$(PROGRAM)" bench --against docker --against crun $(ARGS)
	cargo bench --locked -p reports --bench site

lint:
	@sh scripts/setup.sh test
	@sh scripts/lint.sh

setup:
	@sh scripts/setup.sh test

clean:
	if [ -x "$(PROGRAM)" ]; then "$(PROGRAM)" clean; fi
	rm -rf "$(OUT)"
	cargo clean
