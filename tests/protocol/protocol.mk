# protocol.mk: the protocol over real sockets, against a fake language.

FAKE_KERNEL := $(BUILD)/tests/protocol/fake_kernel
FAKE_OBJ    := $(BUILD)/tests/protocol/fake_kernel.o $(BUILD)/tests/protocol/fake_interp.o

$(FAKE_KERNEL): $(FAKE_OBJ) $(LIB_jup)
	$(CC) $(LDFLAGS) -o $@ $(FAKE_OBJ) $(LIB_jup) $(PKG_LIBS) -lm

protocol: $(FAKE_KERNEL) ## protocol tests with a fake language (ONLY=execute: those that match)
	FAKE_KERNEL=$(FAKE_KERNEL) $(PYTHON) -m pytest --confcutdir=tests/protocol tests/protocol -q -p no:cacheprovider $(if $(ONLY),-k $(ONLY))

.PHONY: protocol
