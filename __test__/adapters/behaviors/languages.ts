import { readFileSync } from 'node:fs';

import { WasmRuntime } from 'hookcell';

import { postJson } from '../../support/http';
import { exampleFile, pythonCache } from '../../support/pdk';
import type { TestServer } from './test-server';

/** The languages whose plugins carry an engine do what others do, over real HTTP. */
export function testLanguages(server: TestServer): void {
  describe.each(['javascript', 'python'])('a plugin in %s', (language) => {
    const module = readFileSync(exampleFile(language));

    // Keeps the engine's code loaded, so that it is not compiled for each test.
    const keeper = new WasmRuntime({ logger: false, cacheDir: pythonCache });
    beforeAll(() => keeper.loadPluginBytes(language, module, { isolate: false }), 60_000);
    afterAll(() => keeper.close());

    beforeEach(async () => {
      await server.start();
      await server.runtime.loadPluginBytes(language, module);
    });

    test('changes what the handler gets', async () => {
      const url = await server.serve({ before: language });

      const { status, body } = await postJson(url, { email: ' Ada@Example.com ' });

      expect(status).toBe(200);
      expect(body).toEqual({ got: { email: 'ada@example.com' } });
    });

    test('changes what the client gets', async () => {
      const url = await server.serve({ after: language }, () => ({ json: { email: 'ada@example.com' } }));

      const { status, body } = await postJson(url, {});

      expect(status).toBe(200);
      expect(body).toEqual({ email: 'ada@example.com', email_domain: 'example.com' });
    });

    test('rejects with details', async () => {
      const url = await server.serve({ before: language });

      const { status, body } = await postJson(url, { email: 'ada' });

      expect(status).toBe(422);
      expect(body).toEqual({
        title: 'Unprocessable Entity',
        status: 422,
        error: 'email is not valid',
        details: [{ field: 'email', message: 'is not a valid address', value: 'ada' }],
      });
    });
  });
}
