# bench_torch.mk: training measured beside PyTorch, which has an environment of its own: it is
# large, and nothing but this benchmark needs it.

BENCH_VENV   ?= .venv-bench
BENCH_PYTHON ?= $(BENCH_VENV)/bin/python
BENCH_FLAGS  ?=

$(BENCH_VENV)/.ready: .binder/requirements.txt
	$(PY3) -m venv $(BENCH_VENV)
	sed -n 's/^#bench:[[:space:]]*//p' $< >$(BENCH_VENV)/requirements.txt
	$(BENCH_VENV)/bin/pip install -q --disable-pip-version-check -r $(BENCH_VENV)/requirements.txt
	@touch $@

bench-torch: $(BUILD)/tests/bench/bench_train $(if $(wildcard $(BENCH_PYTHON)),,$(BENCH_VENV)/.ready) ## training beside PyTorch: steps, epochs, memory (BENCH_FLAGS="--nets mlp1")
	@$(BENCH_PYTHON) tests/bench/bench_torch.py $< $(BENCH_FLAGS)

.PHONY: bench-torch
