# notebooks.mk: every lab runs from the first cell to the last, and converts to HTML.

notebooks: $(NABLA) ## run every notebook with nbclient and convert it (ONLY=06)
	$(call PYTEST,600) tests/notebooks $(if $(ONLY),-k '$(ONLY)')

.PHONY: notebooks
