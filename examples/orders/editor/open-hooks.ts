import { readFile } from 'node:fs/promises';

import { prepareLoadSource } from '@hookcell/javascript';
import type { WasmRuntime } from 'hookcell';

import { sourceFiles } from '../tenants';
import { TenantHooks } from './tenant-hooks';

/** The hooks of tenants, with those that they begin with. If one is refused, the service does not start. */
export async function openHooks(runtime: WasmRuntime): Promise<TenantHooks> {
  await prepareLoadSource({ cacheDir: 'target/examples/cache' });
  const hooks = new TenantHooks(runtime);
  for (const [tenant, file] of sourceFiles) {
    const problem = await hooks.save(tenant, await readFile(file, 'utf8'));
    if (problem !== undefined) {
      throw new Error(`${file}:${problem.line}:${problem.column}: ${problem.message}`);
    }
  }
  return hooks;
}
