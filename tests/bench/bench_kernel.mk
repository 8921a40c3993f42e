# bench_kernel.mk: the kernel measured beside ipykernel in the same run.

bench-kernel: $(NABLA) ## start, round trip and memory against ipykernel; latency of an interrupt
	NABLA=$(abspath $(NABLA)) $(PYTHON) tests/bench/bench_kernel.py

.PHONY: bench-kernel
