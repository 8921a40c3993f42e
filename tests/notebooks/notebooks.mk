# notebooks.mk: every lab runs, says what is true, and is handed in, marked and given back.

notebooks: $(NABLA) ## run every notebook, hold its numbers against the text, and go through nbgrader's whole cycle (ONLY=06)
	$(call PYTEST,1800) tests/notebooks $(if $(ONLY),-k '$(ONLY)')

.PHONY: notebooks
