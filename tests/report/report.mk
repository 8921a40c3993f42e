# report.mk: from notebook to PDF: nbconvert with the template «informe», xelatex, what the PDF holds.

report-test: $(NABLA) $(MO) ## reports: cover, captions, fonts, a hostile notebook (ONLY=hostile)
	$(call PYTEST,900) -q -p no:cacheprovider tests/report $(if $(ONLY),-k '$(ONLY)')

.PHONY: report-test
