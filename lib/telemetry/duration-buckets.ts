/** The bounds of durations in seconds: from 10 µs, because a brief hook takes 20, to the longest that a call takes by default. */
export const durationBuckets = [
  1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
