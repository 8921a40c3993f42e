# tests.mk: the tests of the C side. Every tests/unit/test_*.c is one cmocka program.

# A test may use Cairo or SQLite itself, beside the functions that the program forwards.
TEST_PKG_LIBS = $(shell pkg-config --libs cmocka cairo sqlite3 2>/dev/null)

# What the leak checker of a sanitized build must not count.
export LSAN_OPTIONS ?= suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0

# The libraries that a test of each folder links; every test names its module in its file name.
UNIT_SRC  := $(sort $(wildcard tests/unit/*/test_*.c))
UNIT_BIN  := $(patsubst tests/%.c,$(BUILD)/tests/%,$(UNIT_SRC))
LINK_base    :=
LINK_nn      := $(LIB_nn)
LINK_viz     := $(LIB_viz)
LINK_cell    := $(LIB_cell)
LINK_jupyter := $(LIB_jup)
LINK_command := $(LIB_cmd) $(LIB_cell) $(LIB_viz) $(LIB_nn)

define unit_rule
$(BUILD)/tests/unit/$(1)/test_%: $(BUILD)/tests/unit/$(1)/test_%.o $(LINK_$(1))
	@echo "LINK $$@"
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$< $(LINK_$(1)) $$(PKG_LIBS) $$(TEST_PKG_LIBS) -lm
endef
$(foreach d,base nn viz cell jupyter command,$(eval $(call unit_rule,$(d))))

# make unit            all of them;   make unit ONLY=nn   one folder;   make unit ONLY=nn/test_tensor
unit: $(filter $(BUILD)/tests/unit/$(ONLY)%,$(UNIT_BIN)) ## C unit tests (ONLY=nn, ONLY=nn/test_tensor)
	@fail=0; for t in $^; do echo "== $$t"; $$t || fail=1; done; exit $$fail

.PHONY: unit

PYTHON ?= .venv/bin/python

# Each kind of test brings its own rules.
-include $(wildcard tests/*/*.mk)

# ---------------------------------------------------------------------------------- the source
PY3 ?= python3

layers: $(LIBS) ## the layer table: includes and symbols
	@$(PY3) tests/layers.py $(BUILD)

HEADERS := $(wildcard include/*/*.h)
headers: ## every public header compiles alone
	@fail=0; for h in $(HEADERS); do \
	    $(CC) $(CPPFLAGS) $(PKG_CFLAGS) -std=c11 -Wall -Wextra -Wpedantic -Werror -Wno-unused-function \
	        -fsyntax-only -x c $$h || fail=1; \
	done; [ $$fail = 0 ] && echo "headers: $(words $(HEADERS)) compile alone"

FORMATTED = $(shell git ls-files 'include/*.h' 'engine/*.[ch]' 'kernel/*.[ch]' 'tests/*.[ch]')
format: ## lay out the source with clang-format
	@clang-format -i $(FORMATTED)

format-check: ## the layout is clang-format's
	@clang-format --dry-run --Werror $(FORMATTED) && echo "format: $(words $(FORMATTED)) files"

# One file a run, in parallel: clang-tidy's time is most of this target's.
tidy: ## clang-tidy over the engine and the kernel
	@printf '%s\n' $(filter-out %_avx512.c %_avx2.c,$(ALL_SRC)) | xargs -P $$(nproc) -n 4 \
	    clang-tidy -quiet --warnings-as-errors='*' --extra-arg=-Wno-unknown-warning-option \
	    $(TIDY_FLAGS) 2>/dev/null
	@echo "tidy: $(words $(ALL_SRC)) files"
TIDY_FLAGS = --extra-arg-before=-std=c11 $(addprefix --extra-arg=,$(CPPFLAGS) $(PKG_CFLAGS))

.PHONY: layers headers format format-check tidy

check: setup-test ## set up and run every test (tests/check STEP... runs some)
	@tests/check

# Every sentence has its English.
messages-check: $(MO) ## the catalogues are whole and current
	@xgettext -o $(BUILD)/nabla.pot --from-code=UTF-8 --language=C --keyword=_ --keyword=N_ \
	    --keyword=ngettext_:1,2 --no-location --package-name=nabla $(MESSAGES_IN)
	@for f in po/*.po; do \
	    msgmerge -q --no-fuzzy-matching -o $(BUILD)/merged.po $$f $(BUILD)/nabla.pot && \
	    left=$$(msgattrib --untranslated --no-obsolete $(BUILD)/merged.po | grep -c '^msgid') ; \
	    [ "$${left:-0}" -le 1 ] || { echo "$$f: $$((left - 1)) messages without translation (make messages)"; exit 1; }; \
	    msgfmt --check -o /dev/null $$f && echo "$$f: $$(msgfmt --statistics -o /dev/null $$f 2>&1)"; \
	done

.PHONY: check messages-check

# ---------------------------------------------------------------------------------- measurements
bench: bench-kernel bench-gemm bench-conv bench-torch ## ratios measured in one run: kernel, products, training beside PyTorch

accuracy: $(NABLA) ## what the networks reach on the real data (long)
	@NABLA_DATA=$${NABLA_DATA:-$(wildcard ../shared/data)} $(NABLA) run tests/bench/accuracy.lua

.PHONY: bench accuracy
