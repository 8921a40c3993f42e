# bench.mk: measurements. They print ratios taken in one run and never fail a build.

$(BUILD)/tests/bench/bench_%: $(BUILD)/tests/bench/bench_%.o $(LIB_nn)
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm

bench-gemm: $(BUILD)/tests/bench/bench_gemm ## matrix products as a share of the FMA peak, 1 thread and all
	@$< 1
	@$<

bench-step: $(BUILD)/tests/bench/bench_step ## a 784-128-10 step from primitives, part by part
	@$< 1
	@$< $(shell nproc)
	@$< $(shell nproc) adam

.PHONY: bench-gemm bench-step

bench-conv: $(BUILD)/tests/bench/bench_conv ## convolutions as a share of the FMA peak
	@$< 1
	@$<

.PHONY: bench-conv
