# bench_viz.mk: the cost of a figure.

$(BUILD)/tests/bench/bench_viz: $(BUILD)/tests/bench/bench_viz.o $(LIB_viz)
	@echo "LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(LIB_viz) $(PKG_LIBS) -lm

bench-viz: $(BUILD)/tests/bench/bench_viz ## a live frame and final bundles: milliseconds and bytes
	@$<

.PHONY: bench-viz
