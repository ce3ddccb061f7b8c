/**
 * What cargo builds for the benchmarks, in one go with the addon: the features that the one turns on in the dependencies
 * of the other are then the same for all, and wasmtime is not compiled again.
 */
export const cargoPackages = ['hookcell', 'hookcell-bench-floor', 'hookcell-host'].map((name) => `--package=${name}`);
