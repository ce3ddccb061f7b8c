const packages = ['hookcell', 'hookcell-bench-floor', 'hookcell-host'];

/**
 * How cargo builds what the benchmarks measure: as the addon is published, and all packages together. Each then sees the same features in its
 * dependencies, and wasmtime is not compiled again.
 */
export const cargoOptions = ['--profile=dist', '--locked', ...packages.map((name) => `--package=${name}`)];
