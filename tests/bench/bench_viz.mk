# bench_viz.mk: the cost of a figure.

$(BUILD)/tests/bench/bench_viz: $(BUILD)/tests/bench/bench_viz.o $(LIB_viz)
	@echo "LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(LIB_viz) $(PKG_LIBS) -lm

bench-viz: $(BUILD)/tests/bench/bench_viz $(NABLA) ## a live frame and final bundles: milliseconds and bytes; how much a live figure slows a training
	@$<
	@NABLA=$(abspath $(NABLA)) $(PYTHON) tests/bench/bench_live.py $(BENCH_FLAGS)

.PHONY: bench-viz
