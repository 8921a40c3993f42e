# conformance.mk: the kernel as the Jupyter world sees it, through real clients.

# How every Python test is started: with the program under test, below a ceiling of seconds,
# and with deadlines that a loaded machine keeps.
PYTEST = SLACK=4 NABLA=$(abspath $(NABLA)) BUILD=$(abspath $(BUILD)) PYTHONDONTWRITEBYTECODE=1 \
         timeout -k 10 $(1) $(PYTHON) -m pytest --no-header

conformance: $(NABLA) $(MO) ## all of jupyter_kernel_test (13, none skipped), then the lab through a client
	$(call PYTEST,240) --none-skipped tests/conformance/test_kernel.py
	$(call PYTEST,1200) $(filter-out %/test_kernel.py,$(wildcard tests/conformance/test_*.py)) $(if $(ONLY),-k '$(ONLY)')

.PHONY: conformance

CELLS ?= 2000
soak: $(NABLA) $(MO) ## mixed cells by the thousand: the memory stays flat (CELLS=100000)
	@NABLA=$(abspath $(NABLA)) $(PYTHON) tests/conformance/soak.py --cells $(CELLS)

.PHONY: soak

# make conformance-table                          this kernel beside ipykernel
# make conformance-table KERNELS="nabla xpython"  and any other that is installed
KERNELS ?= nabla python3
conformance-table: $(NABLA) $(MO) ## the boxes of the protocol, kernel by kernel
	@NABLA=$(abspath $(NABLA)) $(PYTHON) tests/conformance/table.py $(TABLE_FLAGS) $(KERNELS) 2>/dev/null

.PHONY: conformance-table

# Kernels of other languages and makers, in an environment of their own. Their kernelspecs name
# a bare python, which jupyter_client takes for the one that runs the table.
OTHERS := build/conformance/venv
$(OTHERS)/.done:
	$(PY3) -m venv $(OTHERS)
	$(OTHERS)/bin/pip -q install bash_kernel xeus-python ipykernel
	$(OTHERS)/bin/python -m bash_kernel.install --sys-prefix
	sed -i 's#^ *"python[0-9.]*",#"$(abspath $(OTHERS))/bin/python",#' \
	    $(OTHERS)/share/jupyter/kernels/*/kernel.json
	@touch $@

conformance-others: $(NABLA) $(MO) $(OTHERS)/.done ## the same with xeus-python and bash_kernel (PyPI)
	@JUPYTER_PATH=$(abspath $(OTHERS))/share/jupyter PATH=$(abspath $(OTHERS))/bin:$$PATH \
	    NABLA=$(abspath $(NABLA)) $(PYTHON) tests/conformance/table.py $(TABLE_FLAGS) \
	    nabla python3 xpython bash 2>/dev/null

.PHONY: conformance-others
