import { availableParallelism, cpus, loadavg } from 'node:os';
import { libuvThreads } from '../libuv-threads.mjs';

/** Where something was measured: what the figures depend on, and nothing that tells one machine from another. */
export function readEnvironment() {
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model.trim(),
    cores: availableParallelism(),
    libuvThreads,
    load: Number(loadavg()[0].toFixed(2)),
  };
}
