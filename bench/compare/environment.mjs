import { availableParallelism, cpus, loadavg } from 'node:os';
import { libuvThreads } from '../libuv-threads.mjs';

/** Where the figures were measured: what they depend on, without anything that identifies the machine. */
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
