# bench_kernel.mk: the kernel measured beside ipykernel in the same run.

$(BUILD)/tests/bench/bench_echo: $(BUILD)/tests/bench/bench_echo.o
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(PKG_LIBS)

bench-kernel: $(NABLA) $(BUILD)/tests/bench/bench_echo ## start, round trip and memory against ipykernel; latency of an interrupt
	NABLA=$(abspath $(NABLA)) ECHO=$(BUILD)/tests/bench/bench_echo $(PYTHON) tests/bench/bench_kernel.py $(BENCH_FLAGS)

.PHONY: bench-kernel
