# Targets that check: included by the Makefile.
.PHONY: unit arch asan

unit: $(TESTS) ## unit tests of every room
	$(Q)tests/run-unit $(TESTS)

arch: ## the include law and the banned functions
	$(Q)$(PY) tests/arch/arch.py
