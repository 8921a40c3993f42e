# tests.mk: the tests of the C side. Every tests/unit/test_*.c is one cmocka program.

TEST_PKG_LIBS = $(shell pkg-config --libs cmocka 2>/dev/null)

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
	$$(CC) $$(LDFLAGS) -o $$@ $$< $(LINK_$(1)) $$(PKG_LIBS) $$(TEST_PKG_LIBS) -lm
endef
$(foreach d,base nn viz cell jupyter command,$(eval $(call unit_rule,$(d))))

# make unit            all of them;   make unit ONLY=nn   one folder;   make unit ONLY=nn/test_tensor
unit: $(filter $(BUILD)/tests/unit/$(ONLY)%,$(UNIT_BIN)) ## C unit tests (ONLY=nn, ONLY=nn/test_tensor)
	@fail=0; for t in $^; do echo "== $$t"; $$t || fail=1; done; exit $$fail

.PHONY: unit

PYTHON ?= .venv/bin/python

# Each kind of test brings its own rules.
-include $(wildcard tests/*/*.mk)
