import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { strToU8, zipSync } from 'fflate';
import { WasmRuntime } from 'hookcell';
import { buildPlugin } from '@hookcell/python';

/** Makes packages, and calls plugins that import them. */
export class PackagePlugins {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'hookcell-python-packages-'));
  readonly #runtime = new WasmRuntime({ logger: false });
  #last = 0;

  /** Compiles the engine, which takes some seconds. */
  async open(): Promise<void> {
    await this.#runtime.loadPluginBytes('first', (await buildPlugin({ source: 'def before_hook(ctx): pass' })).wasm);
  }

  async close(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    await this.#runtime.close();
  }

  /** The files as a folder and as a wheel. */
  places(files: Record<string, string>): [string, string] {
    const name = `package${(this.#last += 1)}`;
    for (const [file, text] of Object.entries(files)) {
      const full = path.join(this.#folder, name, file);
      mkdirSync(path.dirname(full), { recursive: true });
      writeFileSync(full, text);
    }
    const entries = Object.entries(files).map(([file, text]) => [file, strToU8(text)]);
    const wheel = path.join(this.#folder, `${name}-1-py3-none-any.whl`);
    writeFileSync(wheel, zipSync(Object.fromEntries(entries)));
    return [path.join(this.#folder, name), wheel];
  }

  /** The data that a hook answers with, and the report of the build. */
  async call(source: string, options: Parameters<typeof buildPlugin>[1], given: unknown = null) {
    const { wasm, report } = await buildPlugin({ source }, options);
    await this.#runtime.loadPluginBytes('plugin', wasm);
    const context = { input: { given }, data: null, user: null, headers: {}, tenant_id: null };
    const result = await this.#runtime.callHook('plugin', 'before_hook', context);
    return { data: result.ok ? result.ctx.data : result, report };
  }
}
