/**
 * The packages that cargo builds for the benchmarks, always together: each then sees the same features in its dependencies,
 * and wasmtime is not compiled again.
 */
export const cargoPackages = ['hookcell', 'hookcell-bench-floor', 'hookcell-host'].map((name) => `--package=${name}`);
