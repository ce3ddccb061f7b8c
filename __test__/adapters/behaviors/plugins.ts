import { readFileSync } from 'node:fs';

import type { WasmRuntime } from 'hookcell';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { exampleFile } from '../../support/pdk';
import { fixture } from '../../support/wat';

/** Loads the plugins of the behaviors. The name of each says what it does. */
export async function loadPlugins(runtime: WasmRuntime): Promise<void> {
  const report = await fixture('report_context');
  const taken = (status: number | string) => pluginAnswering({ ok: false, error: 'taken', details: [{ status }] });
  await Promise.all([
    runtime.loadPluginBytes('yes', pluginAnswering({ ok: true })),
    runtime.loadPluginBytes('tight', pluginAnswering({ ok: true }), { maxContextBytes: 200 }),
    runtime.loadPluginBytes('email', pluginAnswering({ ok: true, ctx: { input: { email: 'ada@example.com' } } })),
    runtime.loadPluginBytes('enrich', pluginAnswering({ ok: true, ctx: { data: { rich: true } } })),
    runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'not today', details: [{ field: 'email' }] })),
    runtime.loadPluginBytes('bare-no', pluginAnswering({ ok: false })),
    runtime.loadPluginBytes('crash', pluginFailing()),
    runtime.loadPluginBytes('loop', pluginFailing('loop'), { maxFuel: Number.MAX_SAFE_INTEGER }),
    runtime.loadPluginBytes('report', report),
    runtime.loadPluginBytes('before-a', readFileSync(exampleFile('wat'))),
    runtime.loadPluginBytes('before-b', report),
    ...[409, 200, 302, 399, 500, 503, 404.5, '404'].map((status) =>
      runtime.loadPluginBytes(`no-${status}`, taken(status)),
    ),
  ]);
}
