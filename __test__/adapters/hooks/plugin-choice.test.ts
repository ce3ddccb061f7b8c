import { Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WasmRuntime } from 'hookcell';
import { createHooks } from 'hookcell/hooks';
import { HookcellModule, UseHooks } from 'hookcell/nest';
import type { PluginChoice } from 'hookcell/nest';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { postJson } from '../../support/http';

const runtime = new WasmRuntime({ logger: false });
const seen: string[] = [];

/** Chooses a plugin by the tenant, and tells what is done with it. */
const choice: PluginChoice = {
  choosePlugins: (hook, { tenant_id: tenant }) => ({
    plugins: tenant === 'none' ? [] : [{ plugin: tenant ?? 'accepts', onFault: undefined, onReject: undefined }],
    begin: () => void seen.push(`begin ${hook}`),
    end: () => void seen.push('end'),
  }),
};

beforeAll(async () => {
  await runtime.loadPluginBytes('accepts', pluginAnswering({ ok: true, ctx: { input: { by: 'plugin' } } }));
  await runtime.loadPluginBytes('rejects', pluginAnswering({ ok: false, error: 'no' }));
  await runtime.loadPluginBytes('fails', pluginFailing());
});
beforeEach(() => seen.splice(0));
afterAll(() => runtime.close());

test.each<[string | null, unknown]>([
  [null, { by: 'plugin' }],
  ['none', { by: 'caller' }],
])('the plugins that a choice has for the tenant %s run, and are let go of', async (tenant, input) => {
  const hooks = createHooks(runtime, { before: choice, tenantId: tenant });

  const result = await hooks.run({ input: { by: 'caller' } } as never, (given: unknown) => given);

  expect(result).toEqual(input);
  expect(seen).toEqual(['begin before_hook', 'end']);
});

test.each(['rejects', 'fails', 'gone'])(
  'a chosen plugin that %s ends the operation, and is let go of',
  async (tenant) => {
    const hooks = createHooks(runtime, { before: choice, tenantId: tenant, logger: false });

    await expect(hooks.run({ input: {} } as never, () => 'not reached')).rejects.toThrow();
    expect(seen).toEqual(['begin before_hook', 'end']);
  },
);

test('a controller of NestJS with a policy of its own keeps the choice, and applies the policy to it', async () => {
  @Controller()
  @UseHooks({ onFault: 'open', before: choice, tenantId: 'fails', logger: false })
  class Orders {
    @Post('/')
    create(): object {
      return { created: true };
    }
  }
  @Module({
    imports: [
      HookcellModule.forRoot({ plugins: [{ name: 'fails', bytes: pluginFailing() }], config: { logger: false } }),
    ],
    controllers: [Orders],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  try {
    const answer = await postJson(await app.getUrl(), {});

    expect(answer.body).toEqual({ created: true });
    expect(seen).toEqual(['begin before_hook', 'end']);
  } finally {
    await app.close();
  }
});
