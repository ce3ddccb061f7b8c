// docs/recipes/h3.md: a handler of h3, which is what Nitro and Nuxt serve. h3 is an ES module, so the test runs it here.

import { H3, HTTPError, readBody } from 'h3';
import { WasmRuntime } from 'hookcell';
import { createHooks, HookProblem } from 'hookcell/hooks';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

const runtime = new WasmRuntime({ logger: false });
await runtime.loadPluginBytes('email', pluginAnswering({ ok: true, ctx: { input: { email: 'ada@example.com' } } }));
await runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'not today', details: [{ field: 'email' }] }));
await runtime.loadPluginBytes('crash', pluginFailing());

function appOf(before) {
  const hooks = createHooks(runtime, { before, logger: false });
  return new H3().post('/users', async (event) => {
    try {
      const input = (await readBody(event)) ?? {};
      return await hooks.run({ input }, (data) => ({ created: data }));
    } catch (error) {
      if (error instanceof HookProblem) {
        const { status, message, headers } = error;
        throw new HTTPError({ status, message, headers, body: { ...error.toJSON() }, cause: error });
      }
      throw error;
    }
  });
}

const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"email":"Ada"}' };
const answers = {};
for (const before of ['email', 'no', 'crash']) {
  const response = await appOf(before).request('/users', request);
  answers[before] = { status: response.status, body: await response.json() };
}
console.log(JSON.stringify(answers));
await runtime.close();
