// Histograms hold whole numbers, here microseconds.

/** @param {import('node:perf_hooks').RecordableHistogram} histogram */
export function recordMs(histogram, ms) {
  histogram.record(Math.max(1, Math.round(ms * 1_000)));
}

/**
 * The figures of a histogram in milliseconds.
 *
 * @param {import('node:perf_hooks').Histogram} histogram
 * @param {number} [unitsPerMs] default: those of {@link recordMs}
 */
export function readMs(histogram, unitsPerMs = 1_000) {
  if (histogram.count === 0) {
    return { count: 0, median: 0, p99: 0, max: 0 };
  }
  return {
    count: histogram.count,
    median: histogram.percentile(50) / unitsPerMs,
    p99: histogram.percentile(99) / unitsPerMs,
    max: histogram.max / unitsPerMs,
  };
}
