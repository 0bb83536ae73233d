# Reckon. `make` builds build/reckon and build/reckon-engine; `make demo` and `make check` also
# install what is missing (apt). `make help` lists the targets. B=DIR builds elsewhere.
B       ?= build
ifeq ($(origin CC),default)
CC      := gcc
endif
PY      ?= /usr/bin/python3
PREFIX  ?= /usr/local
DESTDIR ?=
V       ?= 0
Q       := $(if $(filter 1,$(V)),,@)
say      = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' $(1) $(2);)

# Rooms, lowest level first, and the doors each may use (design: tests/arch checks the sources).
ROOMS_LITE := base doc wire run kube client gitcmd model render drift plan cli
ROOMS_FULL := net git cluster seal record sync core sandbox demo admin
ROOMS_TUI  := term widget view console
ROOMS      := $(ROOMS_LITE) $(ROOMS_FULL) $(ROOMS_TUI)

uses_base    :=
uses_doc     := base
uses_wire    := base
uses_run     := base
uses_kube    := doc base
uses_client  := run wire base
uses_gitcmd  := run base
uses_net     := run base
uses_model   := kube doc base
uses_git     := gitcmd run doc base
uses_render  := kube doc base
uses_cluster := net kube run doc base
uses_seal    := kube doc base
uses_record  := git gitcmd kube run doc base
uses_drift   := kube model doc base
uses_plan    := drift model kube doc base
uses_sync    := plan drift record seal cluster render git model net gitcmd kube run doc base
uses_core    := client $(uses_sync) sync wire
uses_sandbox := seal net kube run doc base
uses_demo    := seal client git gitcmd net cluster model kube run wire doc base
uses_admin   := record seal cluster git gitcmd model net kube run doc base
uses_term    := run base
uses_widget  := term run base
uses_view    := widget term client wire run base
uses_console := view widget term client wire run doc base
uses_cli     := plan drift render model gitcmd kube client run wire doc base

PKG_LITE := libuv yaml-0.1 libcjson libmd lua5.4
PKG_FULL := libgit2 libcurl libmicrohttpd openssl
PKG_TUI  := ncursesw

CSTD  := -std=c17 -D_GNU_SOURCE
WARN  := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 \
  -Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes -Wundef -Wvla -Wcast-qual \
  -Wwrite-strings -Wpointer-arith -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough \
  -Wswitch-enum
WARN  += $(if $(findstring clang,$(CC)),,-Wduplicated-cond -Wlogical-op)
HARD  := -fno-common -fno-strict-aliasing -fvisibility=hidden -fstack-protector-strong \
  -fstack-clash-protection -fcf-protection=full -fPIE
OPT   ?= -O2 -g
FORT  ?= -D_FORTIFY_SOURCE=2
WERROR ?= 0
SAN   ?=
CFLAGS_ALL = $(CSTD) $(OPT) $(FORT) $(WARN) $(HARD) $(SAN) $(if $(filter 1,$(WERROR)),-Werror) \
  -Iinclude $(if $(filter tui/%,$<),-Itui) -Iengine $(PKG_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed $(SAN) $(LDFLAGS)

PKG_CFLAGS := $(shell pkg-config --cflags $(PKG_LITE) $(PKG_FULL) $(PKG_TUI) 2>/dev/null)
LIBS_LITE  := $(shell pkg-config --libs $(PKG_LITE) 2>/dev/null) -lpthread
LIBS_FULL  := $(shell pkg-config --libs $(PKG_FULL) 2>/dev/null) $(LIBS_LITE)
LIBS_TUI   := $(shell pkg-config --libs $(PKG_TUI) 2>/dev/null)
LIBS_TEST  := $(shell pkg-config --libs cmocka vterm 2>/dev/null) $(LIBS_TUI) -lm

dir_of   = $(if $(filter $(1),$(ROOMS_TUI)),tui,engine)/$(1)
src_of   = $(filter-out %_test.c %_fuzz.c,$(wildcard $(call dir_of,$(1))/*.c))
tests_of = $(wildcard $(call dir_of,$(1))/*_test.c $(call dir_of,$(1))/*_fuzz.c)
obj      = $(patsubst %.c,$(B)/%.o,$(1))
lib_of   = $(B)/lib/$(1).a
archives = $(foreach r,$(1),$(call lib_of,$(r)))

all: $(B)/reckon $(B)/reckon-engine ## build both programs

define room
$(call lib_of,$(1)): $(call obj,$(call src_of,$(1)))
OBJS += $(call obj,$(call src_of,$(1)) $(call tests_of,$(1)))
TESTS_$(1) := $(patsubst $(dir $(call dir_of,$(1)))%.c,$(B)/test/%,$(call tests_of,$(1)))
TESTS += $$(TESTS_$(1))
$$(TESTS_$(1)): $(B)/test/%: $(B)/$(dir $(call dir_of,$(1)))%.o $(call archives,$(1) $(uses_$(1)))
.PHONY: test-$(1)
test-$(1): $$(TESTS_$(1)) ## unit tests of one room
	$$(Q)set -e; for t in $$(TESTS_$(1)); do echo "== $$$$t"; $$$$t; done
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))

# A fuzz target is a test that runs on its corpus; `make fuzz` links libFuzzer instead.
FUZZERS := $(filter %_fuzz,$(TESTS))
REPLAY  := $(if $(FUZZ),,$(B)/tests/fuzz/replay.o)
OBJS    += $(REPLAY)
$(FUZZERS): $(REPLAY)

LITE_A := $(call archives,$(ROOMS_LITE) $(ROOMS_TUI))
FULL_A := $(call archives,$(filter-out cli $(ROOMS_TUI),$(ROOMS)))

$(B)/reckon: $(B)/engine/programs/reckon.o $(LITE_A)
	$(call say,LD,$@) $(CC) -o $@ $< -Wl,--start-group $(LITE_A) -Wl,--end-group $(LDFLAGS_ALL) $(LIBS_LITE) $(LIBS_TUI)

$(B)/reckon-engine: $(B)/engine/programs/reckon_engine.o $(FULL_A)
	$(call say,LD,$@) $(CC) -o $@ $< -Wl,--start-group $(FULL_A) -Wl,--end-group $(LDFLAGS_ALL) $(LIBS_FULL)

OBJS += $(B)/engine/programs/reckon.o $(B)/engine/programs/reckon_engine.o

$(B)/lib/%.a:
	$(Q)mkdir -p $(@D); rm -f $@
	$(call say,AR,$@) ar rcs $@ $^

$(B)/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$<) $(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(TESTS):
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@) $(CC) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
	  $(LDFLAGS_ALL) $(LIBS_TEST) $(LIBS_FULL)

-include $(OBJS:.o=.d)

.PHONY: all clean help
clean: ## remove the build folder
	rm -rf $(B)
help: ## this list
	$(Q)grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

include tests/targets.mk
include tests/bench/targets.mk
