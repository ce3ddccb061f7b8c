import type { Bytecode } from '../sandbox/library.js';
import { tooLarge } from '../sandbox/steps.js';
import type { ParsedOptions } from './build-options.js';
import { customSectionOf, declaration, memoryPages } from 'hookcell/builder';

/** Where the host looks at load for what the plugin declares. */
const limitsSection = 'hookcell.limits';

/** The plugin with what it says about itself. */
export function complete(
  plugin: Uint8Array,
  modules: readonly Bytecode[],
  { declares, limits }: ParsedOptions,
): Uint8Array {
  const declared = customSectionOf(limitsSection, declaration(declares, memoryPages(plugin)));
  const wasm = Buffer.concat([plugin, declared]);
  if (wasm.length > limits.maxModuleBytes) {
    throw tooLarge(
      new Error(`the plugin has ${wasm.length} bytes; maxModuleBytes is ${limits.maxModuleBytes}`),
      modules,
    );
  }
  return wasm;
}
