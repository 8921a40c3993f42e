# numeric.mk: numbers against other implementations, through files that both sides read.

numeric: $(NABLA) ## exports against onnxruntime and the safetensors package
	$(call PYTEST,300) tests/numeric $(if $(ONLY),-k '$(ONLY)')

.PHONY: numeric
