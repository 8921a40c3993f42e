# golden.mk: every figure and table as it was when somebody last looked at it.

GOLDEN     := $(BUILD)/tests/golden/golden
GOLDEN_OUT := $(BUILD)/golden
GOLDEN_OBJ := $(patsubst tests/%.c,$(BUILD)/tests/%.o,$(wildcard tests/golden/*.c))

$(GOLDEN): $(GOLDEN_OBJ) $(LIB_viz)
	@echo "LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $(GOLDEN_OBJ) $(LIB_viz) $(PKG_LIBS) $(shell pkg-config --libs cairo) -lm

golden: $(GOLDEN) ## figures and tables against tests/golden/expected
	@mkdir -p $(GOLDEN_OUT)
	$(GOLDEN) tests/golden/expected $(GOLDEN_OUT)
	$(PY3) tests/golden/check_pdf.py $(GOLDEN_OUT)
	$(MAKE) golden-commands

golden-commands: $(NABLA) $(MO) ## the same as commands make them, in a notebook (ONLY=chain)
	$(call PYTEST,400) tests/golden/test_commands.py $(if $(ONLY),-k '$(ONLY)')

golden-update: $(GOLDEN) ## writes them anew: look at each changed picture before you commit it
	@mkdir -p $(GOLDEN_OUT) tests/golden/expected
	$(GOLDEN) --update tests/golden/expected $(GOLDEN_OUT)
	GOLDEN_UPDATE=1 $(MAKE) golden-commands

.PHONY: golden golden-commands golden-update
