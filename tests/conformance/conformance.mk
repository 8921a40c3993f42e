# conformance.mk: the kernel as the Jupyter world sees it, through real clients.

# How every Python test is started: with the program under test, below a ceiling of seconds.
PYTEST = NABLA=$(abspath $(NABLA)) BUILD=$(abspath $(BUILD)) PYTHONDONTWRITEBYTECODE=1 \
         timeout -k 10 $(1) $(PYTHON) -m pytest --no-header

conformance: $(NABLA) $(MO) ## all of jupyter_kernel_test (13, none skipped), then the lab through a client
	$(call PYTEST,120) --none-skipped tests/conformance/test_kernel.py
	$(call PYTEST,300) $(filter-out %/test_kernel.py,$(wildcard tests/conformance/test_*.py)) $(if $(ONLY),-k '$(ONLY)')

.PHONY: conformance
