# browser.mk: a real JupyterLab in Chromium. Screenshots go to $(BUILD)/tests/browser.

browser: $(NABLA) ## JupyterLab in Chromium: run all, stop, complete, save (pictures in BUILD/tests/browser)
	$(call PYTEST,1500) tests/browser $(if $(ONLY),-k '$(ONLY)')

.PHONY: browser
