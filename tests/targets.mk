# Targets that install what is missing, try and check: included by the Makefile.
#
# pkg-config is asked when this file is read, so what installs packages runs make a second time.
.PHONY: deps deps-build demo check check-now unit unit-build asan asan-build arch kube size
.PHONY: man completion install uninstall fuzz fuzz-build

JOBS  ?= $(shell nproc 2>/dev/null || echo 1)
AGAIN  = +$(Q)$(MAKE) $(if $(filter 1,$(V)),,-s) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS))

deps: ## install what building and testing need (apt), or print the list
	$(Q)tests/deps test
deps-build:
	$(Q)tests/deps

demo: deps-build ## install what is missing, build, run `reckon demo` (ARGS=--tour: the guided tour)
	$(AGAIN) all
	$(Q)$(B)/reckon demo $(ARGS)

check: deps ## install what is missing, build, run every test and the guided tour
	$(AGAIN) all unit-build
	+$(Q)$(MAKE) --no-print-directory check-now
check-now:
	$(Q)PY=$(PY) tests/check $(B) $(TESTS)

unit-build: $(TESTS)
unit: unit-build ## unit tests of every room
	$(Q)tests/run-unit $(TESTS)

# Fortify's checks and the sanitizers' hide each other; -Werror is off because instrumented code
# draws warnings that are not true.
ASAN = B=build-asan WERROR=0 FORT= OPT="-O1 -g -fno-omit-frame-pointer" \
  SAN="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
asan: ## unit tests with address and undefined behaviour sanitizers, in build-asan
	$(AGAIN) $(ASAN) unit
asan-build:
	$(AGAIN) $(ASAN) unit-build

# TARGET=patch: only that one. What a run finds lies in build-fuzz/found/TARGET; a file that fails
# belongs into tests/fuzz/TARGET, where every `make check` runs it.
FUZZ_SECONDS ?= 60
FUZZ_ARGS = B=build-fuzz CC=clang-14 FUZZ=1 WERROR=0 FORT= OPT="-O1 -g -fno-omit-frame-pointer" \
  SAN="-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined" \
  LDFLAGS=-fsanitize=fuzzer
fuzz: ## fuzz every target for FUZZ_SECONDS (60), in build-fuzz (needs clang-14 and libclang-rt-14-dev)
	$(Q)tests/deps fuzz
	$(AGAIN) $(FUZZ_ARGS) fuzz-build
	$(Q)PY=$(PY) tests/fuzz/run build-fuzz $(FUZZ_SECONDS) $(TARGET)
fuzz-build: $(FUZZERS)

arch: ## the include law and the banned functions
	$(Q)$(PY) tests/arch/arch.py

kube: ## build the real control plane's programs and helm (needs Go); prints their folders
	$(Q)tests/kube/kube bin
	$(Q)tests/kube/kube helm

size: ## lines of each room, bytes of the programs
	$(Q)for d in engine/* tui/*; do [ -d $$d ] || continue; \
	  c=$$(cat $$d/*.[ch] 2>/dev/null | wc -l); t=$$(cat $$d/*_test.c 2>/dev/null | wc -l); \
	  printf '%-18s %6d lines, %6d of them tests\n' $$d $$c $$t; done
	$(Q)cat engine/*/*.[ch] include/reckon/*.h tui/*/*.[ch] 2>/dev/null | wc -l | sed 's/$$/ lines/'
	$(Q)size $(wildcard $(B)/reckon $(B)/reckon-engine) 2>/dev/null || true

man: $(B)/reckon.1 ## the manual page, from the verb table
completion: $(B)/reckon.bash ## bash completion, from the verb table
$(B)/reckon.1: $(B)/reckon
	$(Q)$< help --man >$@.new && mv $@.new $@
$(B)/reckon.bash: $(B)/reckon
	$(Q)$< help --completion bash >$@.new && mv $@.new $@

D = $(DESTDIR)$(PREFIX)
install: all man completion ## into PREFIX (/usr/local), below DESTDIR
	install -D -m 755 $(B)/reckon $(D)/bin/reckon
	install -D -m 755 $(B)/reckon-engine $(D)/libexec/reckon/reckon-engine
	install -D -m 644 $(B)/reckon.1 $(D)/share/man/man1/reckon.1
	install -D -m 644 $(B)/reckon.bash $(D)/share/bash-completion/completions/reckon
	$(Q)for f in $(wildcard themes/*); do install -D -m 644 $$f $(D)/share/reckon/$$f; done
uninstall: ## what install put there
	rm -f $(D)/bin/reckon $(D)/share/man/man1/reckon.1
	rm -f $(D)/share/bash-completion/completions/reckon
	rm -rf $(D)/libexec/reckon $(D)/share/reckon
