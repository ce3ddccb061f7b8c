// Before each test file: bytes are compiled in the test's own process where a test does not say otherwise. The suite loads
// thousands of modules, and a process for each would take minutes. What the package does by default is the subject of
// isolate.test.ts, which asks for it, and of what runs in processes of their own.

import { WasmRuntime } from 'hookcell';
import type { LoadOptions } from 'hookcell';

const { loadPluginBytes } = WasmRuntime.prototype;

WasmRuntime.prototype.loadPluginBytes = function load(name: string, bytes: Uint8Array, options?: LoadOptions) {
  const saysNothing =
    options === undefined || (typeof options === 'object' && options !== null && !('isolate' in options));
  return loadPluginBytes.call(this, name, bytes, saysNothing ? { ...options, isolate: false } : options);
};
