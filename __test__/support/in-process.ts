// Runs before each test file: bytes are compiled in the test's own process unless a test sets `isolate`. The suite loads
// thousands of modules, and a child process for each would take minutes. isolate.test.ts, and tests that run in a new
// process, test the package's default.

import { WasmRuntime } from 'hookcell';
import type { LoadOptions } from 'hookcell';

const { loadPluginBytes } = WasmRuntime.prototype;

WasmRuntime.prototype.loadPluginBytes = function load(name: string, bytes: Uint8Array, options?: LoadOptions) {
  const saysNothing =
    options === undefined || (typeof options === 'object' && options !== null && !('isolate' in options));
  return loadPluginBytes.call(this, name, bytes, saysNothing ? { ...options, isolate: false } : options);
};
