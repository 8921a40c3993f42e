# bench_feed.mk: what batches cost.

bench-feed: $(BUILD)/tests/bench/bench_feed ## the batch pipeline alone, how long training waits for it, cost per example by size
	@$<

.PHONY: bench-feed
