import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HookcellError } from 'hookcell';
import { assembleFixture } from '../../scripts/build/fixture.mjs';
import { Table } from './table.mjs';
import { duration, integer, lineWidth, printWrapped } from './terminal.mjs';

/**
 * @typedef {object} LoadedTenant
 * @property {string} id
 * @property {string} before the plugin that runs before a handler
 * @property {string} [after] the plugin that runs after it: the same one, if it has such a hook
 */

const root = fileURLToPath(new URL('../../', import.meta.url));

const table = new Table([
  { title: '  tenant', width: 13 },
  // The longest description takes 38 characters, and the other columns 60.
  { title: 'key', width: Math.min(38, lineWidth() - 60) },
  { title: 'bytes', width: 7, right: true },
  { title: 'loaded in', width: 9, right: true },
  { title: 'hooks', width: 23 },
]);

/**
 * Loads the plugin of every tenant. A tenant whose plugin is refused is left out, so the server does not know that tenant.
 *
 * @param {import('hookcell').WasmRuntime} runtime
 * @param {import('./tenants.mjs').Tenant[]} tenants
 * @returns {Promise<LoadedTenant[]>}
 */
export async function loadTenants(runtime, tenants) {
  table.printTitles();
  const loaded = [];
  for (const tenant of tenants) {
    try {
      const { key, bytes, hooks, loadedInMs } = await loadPlugin(runtime, tenant);
      const name = path.isAbsolute(key) ? path.relative(root, key) : key;
      table.printRow([`  ${tenant.id}`, name, integer(bytes), duration(loadedInMs), hooks.join(', ')]);
      loaded.push({ id: tenant.id, before: key, after: hooks.includes('after_hook') ? key : undefined });
    } catch (error) {
      if (!(error instanceof HookcellError)) {
        throw error;
      }
      printWrapped(`  ${tenant.id.padEnd(13)}`, `refused with ${error.code}: ${error.message}`, 'red');
    }
  }
  return loaded;
}

async function loadPlugin(runtime, { id, file, fixture, options }) {
  return file === undefined
    ? await runtime.loadPluginBytes(id, await assembleFixture(fixture), options)
    : await runtime.loadPlugin(path.join(root, file), options);
}
