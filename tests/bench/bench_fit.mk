# bench_fit.mk: training speed in the whole loop.

bench-fit: $(BUILD)/tests/bench/bench_fit ## samples per second of 784-128-10 in fit, and the share of the peak
	@NABLA_DATA=$${NABLA_DATA:-$(wildcard ../shared/data)} $<

.PHONY: bench-fit
