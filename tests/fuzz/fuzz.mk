# fuzz.mk: what comes from outside. Every tests/fuzz/fuzz_NAME.c has LLVMFuzzerTestOneInput, and
# seeds in tests/fuzz/corpus/NAME/. It links LINK_NAME, or the engine when that is not set.

LINK_wire       := $(LIB_jup)
LINK_connection := $(LIB_jup)
LINK_dispatch   := $(BUILD)/tests/protocol/fake_interp.o $(LIB_jup)
LINK_display    := $(LIB_cell)

FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_BIN   := $(addprefix $(BUILD)/tests/fuzz/replay_,$(FUZZ_NAMES))
fuzz_link   = $(or $(LINK_$(1)),$(LIB_nn))

define fuzz_rule
$(BUILD)/tests/fuzz/replay_$(1): $(BUILD)/tests/fuzz/fuzz_$(1).o $(BUILD)/tests/fuzz/replay.o $(call fuzz_link,$(1))
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $(BUILD)/tests/fuzz/fuzz_$(1).o $(BUILD)/tests/fuzz/replay.o \
	    $(call fuzz_link,$(1)) $$(PKG_LIBS) -lm

$(BUILD)/tests/fuzz/run_$(1): $(BUILD)/tests/fuzz/fuzz_$(1).o $(call fuzz_link,$(1))
	$$(Q)$$(CC) $$(LDFLAGS) -fsanitize=fuzzer -o $$@ $(BUILD)/tests/fuzz/fuzz_$(1).o \
	    $(call fuzz_link,$(1)) $$(PKG_LIBS) -lm
endef
$(foreach n,$(FUZZ_NAMES),$(eval $(call fuzz_rule,$(n))))

# make fuzz              replays all seeds;   make fuzz ONLY=wire   those of one
fuzz: $(filter $(BUILD)/tests/fuzz/replay_$(ONLY)%,$(FUZZ_BIN)) ## replay the fuzzers' seeds
	@for t in $^; do $$t tests/fuzz/corpus/$${t##*/replay_} || exit 1; done

# New inputs are kept outside the repository; copy the ones worth keeping into the corpus.
SECONDS ?= 60
fuzz-run: ## fuzz one for a while: make fuzz-run NAME=wire SECONDS=60
	@mkdir -p build/fuzz/corpus/$(NAME) build/fuzz/found
	@$(MAKE) CC=clang MODE=asan BUILD=build/fuzz EXTRA_CFLAGS=-fsanitize=fuzzer-no-link \
	    build/fuzz/tests/fuzz/run_$(NAME)
	build/fuzz/tests/fuzz/run_$(NAME) -max_total_time=$(SECONDS) -artifact_prefix=build/fuzz/found/ \
	    build/fuzz/corpus/$(NAME) tests/fuzz/corpus/$(NAME)

.PHONY: fuzz fuzz-run
