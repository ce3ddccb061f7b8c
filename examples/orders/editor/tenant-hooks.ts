import { loadSource, PluginBuildError } from '@hookcell/javascript';
import type { HookContext, PluginResult, WasmRuntime } from 'hookcell';

/** Why a source was refused, and where. */
export interface SourceProblem {
  code: string;
  message: string;
  line: number;
  column: number;
}

/** What a hook answers, or what is wrong with its source. */
export type Tried = { result: PluginResult } | { problem: SourceProblem };

const starter = `import { reject, type Hook } from '@hookcell/javascript';

interface Order {
  email: string;
  item: string;
  quantity: number;
}

export const before_hook: Hook<Order> = ({ input }) => {
  if (input.quantity > 100) {
    return reject('at most 100 of an item');
  }
  input.item = input.item.trim();
};
`;

/** A tenant's hook may take this long, and its source may be this long. */
const limits = { timeoutMs: 50, maxFuel: 20_000_000 };
const build = { maxSourceBytes: 65_536 };

/** The hooks that tenants wrote in the editor. They are gone when the process ends. */
export class TenantHooks {
  readonly #runtime: WasmRuntime;
  readonly #sources = new Map<string, string>();
  #trials = 0;

  constructor(runtime: WasmRuntime) {
    this.#runtime = runtime;
  }

  /** The tenant's source, or one to begin with. */
  sourceOf(tenant: string): string {
    return this.#sources.get(tenant) ?? starter;
  }

  /** The plugin of a tenant that has saved a source. */
  pluginOf(tenant: string | null): string | undefined {
    return tenant !== null && this.#sources.has(tenant) ? nameOf(tenant) : undefined;
  }

  /** Replaces the tenant's hook. If the source is refused, the hook stays as it was. */
  async save(tenant: string, source: string): Promise<SourceProblem | undefined> {
    const problem = await this.#load(nameOf(tenant), tenant, source);
    if (problem === undefined) {
      this.#sources.set(tenant, source);
    }
    return problem;
  }

  /** Runs a source on a context, and keeps nothing. */
  async try(tenant: string, source: string, context: HookContext): Promise<Tried> {
    const name = `trial ${(this.#trials += 1)} of ${tenant}`;
    try {
      const problem = await this.#load(name, tenant, source);
      return problem === undefined
        ? { result: await this.#runtime.callHook(name, 'before_hook', context, { tenant }) }
        : { problem };
    } finally {
      this.#runtime.unloadPlugin(name);
    }
  }

  async #load(name: string, tenant: string, source: string): Promise<SourceProblem | undefined> {
    try {
      await loadSource(this.#runtime, name, source, { filename: 'hook.ts', tenant, limits, build });
      return undefined;
    } catch (error) {
      if (!(error instanceof PluginBuildError)) {
        throw error;
      }
      const { code, message, line = 1, column = 1 } = error;
      return { code, message, line, column };
    }
  }
}

function nameOf(tenant: string): string {
  return `hook of ${tenant}`;
}
