# `make bench`: how fast and how small, beside what a user would run instead (tests/bench/README.md).
.PHONY: bench bench-build
BENCH_TOOLS := $(B)/bench/stopwatch $(B)/bench/overlays

bench: ## measure side by side with kubectl and tig (ARGS="render start": single parts)
	$(Q)tests/deps bench || echo "bench: what is missing is left out"
	$(AGAIN) bench-build
	$(Q)$(PY) tests/bench/bench.py --build $(B) $(ARGS)
bench-build: all $(BENCH_TOOLS)

$(B)/bench/stopwatch: tests/bench/stopwatch.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) -O2 -o $@ $<
$(B)/bench/overlays: tests/bench/overlays.c $(call archives,render $(uses_render))
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
	  $(LDFLAGS_ALL) $(LIBS_LITE)
