import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';
import type { SandboxConfig } from 'hookcell';
import { openPlugins } from 'hookcell/plugins';
import type { PluginSet, PluginSetOptions } from 'hookcell/plugins';
import { pluginAnswering } from 'hookcell/testing';
import type { PluginAnswer } from 'hookcell/testing';

/** An entry of a manifest, as a test writes it. */
export type Entry = Record<string, unknown> & { name: string };

/** Less than a test may take, so that one that waits in vain says for what. */
const MOST_MS = 15_000;

/** What a test opened, to be closed after it. */
const opened: (() => Promise<unknown>)[] = [];

/** Closes what the test opened, and removes its folders. */
export async function closeAll(): Promise<void> {
  for (const close of opened.splice(0).toReversed()) {
    await close();
  }
}

/** A runtime that is closed after the test. */
export function makeRuntime(config?: SandboxConfig): WasmRuntime {
  const runtime = new WasmRuntime({ logger: false, ...config });
  opened.push(() => runtime.close({ interrupt: true }));
  return runtime;
}

/** The SHA-256 of bytes. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A folder with a manifest and modules. */
export class SetFolder {
  readonly path: string;

  constructor() {
    this.path = mkdtempSync(path.join(tmpdir(), 'hookcell-set-'));
    opened.push(async () => rmSync(this.path, { recursive: true, force: true }));
  }

  get manifest(): string {
    return this.file('plugins.json');
  }

  file(...names: readonly string[]): string {
    return path.join(this.path, ...names);
  }

  /** Writes a plugin of which both hooks answer this, and returns an entry for it. */
  plugin(name: string, answer: PluginAnswer | string, others: Record<string, unknown> = {}): Entry {
    return this.module(name, pluginAnswering(answer), others);
  }

  /** Writes a module, and returns an entry for it. */
  module(name: string, bytes: Uint8Array, others: Record<string, unknown> = {}): Entry {
    const digest = sha256(bytes);
    const file = `${name}-${digest.slice(0, 8)}.wasm`;
    this.write(file, bytes);
    return { name, file, sha256: digest, ...others };
  }

  write(name: string, content: Uint8Array | string): string {
    const file = this.file(name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** Writes the manifest. */
  list(...plugins: readonly unknown[]): string {
    return this.write('plugins.json', JSON.stringify({ plugins }));
  }

  /** Opens the set of the manifest; it is closed after the test. Plugins are compiled in this process, which takes less time. */
  async open(runtime: WasmRuntime, options: Partial<PluginSetOptions> = {}): Promise<PluginSet> {
    const set = await openPlugins(runtime, { manifest: this.manifest, isolate: false, logger: false, ...options });
    opened.push(() => set.close());
    return set;
  }
}

/** An answer that accepts and sets `input`. */
export function accepting(input: Record<string, string | number>): PluginAnswer {
  return { ok: true, ctx: { input } };
}

/** The input that a set leaves for a tenant, or the error that it rejects with. */
export async function resultFor(
  set: PluginSet,
  tenant: string | null = null,
  user: string | null = null,
): Promise<unknown> {
  const result = await set.callChain('before_hook', {
    input: {},
    tenant_id: tenant,
    user: user === null ? null : { id: user, role: 'user' },
  });
  return result.ok ? result.ctx.input : (result.error ?? 'rejected');
}

/** What the next event has. */
export async function next<T>(set: PluginSet, event: string): Promise<T> {
  let patience: NodeJS.Timeout | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      set.once(event as never, resolve as never);
      // The watch does not keep the process alive, and this does.
      patience = setTimeout(() => reject(new Error(`no event '${event}' came`)), MOST_MS);
    });
  } finally {
    clearTimeout(patience);
  }
}
