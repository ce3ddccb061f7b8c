import { refusal } from '../support/refusal';
import { packed, plugin } from '../support/wat';
import { closeAll, makeRuntime, SetFolder } from './set-folder';

afterEach(closeAll);

const BEFORE = '{"ok":false,"details":[';
const CONTEXT_AT = 1_024;

/** A plugin that rejects with its context as the details. It writes around the context, where that is. */
function telling(definitions = ''): Promise<Uint8Array> {
  const start = CONTEXT_AT - BEFORE.length;
  return plugin({
    definitions: `${data(start, BEFORE)} ${definitions}`,
    hook: `(i32.store8 (i32.add (local.get $pointer) (local.get $length)) (i32.const 93))
      (i32.store8 offset=1 (i32.add (local.get $pointer) (local.get $length)) (i32.const 125))
      (i64.or (i64.shl (i64.const ${start}) (i64.const 32))
        (i64.extend_i32_u (i32.add (local.get $length) (i32.const ${BEFORE.length + 2}))))`,
  });
}

function data(at: number, text: string): string {
  return `(data (i32.const ${at}) "${text.replaceAll('"', String.raw`\22`)}")`;
}

async function contextOf(
  set: Awaited<ReturnType<SetFolder['open']>>,
  tenant: string | null = null,
): Promise<Record<string, unknown>> {
  const result = await set.callChain('before_hook', { input: {}, tenant_id: tenant });
  const [context] = (result as { details?: unknown[] }).details ?? [];
  return context as Record<string, unknown>;
}

const REJECTION = '{"ok":false,"error":"percent is missing","details":[{"path":"percent"}]}';
const rejects = `${data(60_000, REJECTION)}
  (func (export "validate_config") (param i32 i32) (result i64) ${packed(60_000, REJECTION.length)})`;

test('a plugin gets the configuration of its entry, or that of the tenant, and only what its entry grants', async () => {
  const folder = new SetFolder();
  const module = await telling();
  folder.list(
    folder.module('one', module, {
      config: { percent: 10 },
      tenantConfigs: { acme: { percent: 15 } },
      grant: ['now', 'seed'],
    }),
  );
  const set = await folder.open(makeRuntime());

  expect(await contextOf(set)).toMatchObject({
    config: { percent: 10 },
    now: { ms: expect.any(Number) },
    seed: expect.any(String),
  });
  expect(await contextOf(set, 'acme')).toMatchObject({ config: { percent: 15 } });

  folder.list(folder.module('one', module));
  await set.reload();
  const bare = await contextOf(set, 'acme');
  expect(Object.keys(bare)).toEqual(expect.not.arrayContaining(['config', 'now', 'seed']));
});

test('a change of the configuration alone is a new version of the same module', async () => {
  const folder = new SetFolder();
  const entry = folder.module('one', await telling(), { config: { percent: 10 } });
  folder.list(entry);
  const runtime = makeRuntime();
  const set = await folder.open(runtime);

  folder.list({ ...entry, config: { percent: 20 } });
  await set.reload();

  expect(await contextOf(set)).toMatchObject({ config: { percent: 20 } });
  expect(new Set(runtime.plugins().map(({ sha256 }) => sha256)).size).toBe(1);
  await set.rollback('one');
  expect(await contextOf(set)).toMatchObject({ config: { percent: 10 } });
});

test('a configuration that the plugin rejects takes no traffic, and the refusal has its details', async () => {
  const folder = new SetFolder();
  const module = await telling(rejects);
  folder.list(folder.module('one', module));
  const set = await folder.open(makeRuntime());

  folder.list(folder.module('one', module, { config: {} }));
  const { refused } = await set.reload();
  expect(refused).toMatchObject([{ code: 'ERR_CONFIG', details: [{ path: 'percent' }] }]);

  folder.list(folder.module('one', module, { tenantConfigs: { acme: {} } }));
  const ofTenant = await set.reload();
  expect(ofTenant.refused).toMatchObject([{ code: 'ERR_CONFIG', details: [{ path: 'percent' }] }]);
  expect(ofTenant.refused[0]?.message).toContain("the tenant 'acme'");
  expect(await contextOf(set, 'acme')).not.toHaveProperty('config');
});

test('a secret is resolved for the plugin, and is in neither the status nor the store', async () => {
  const folder = new SetFolder();
  folder.list(folder.module('one', await telling(), { config: { token: { env: 'HOOKCELL_TEST_TOKEN' } } }));
  await refusal(folder.open(makeRuntime()), 'ERR_CONFIG');

  process.env['HOOKCELL_TEST_TOKEN'] = 'very-secret-value';
  try {
    const set = await folder.open(makeRuntime());
    expect(await contextOf(set)).toMatchObject({ config: { token: 'very-secret-value' } });
    expect(JSON.stringify(set.status())).not.toContain('very-secret-value');
  } finally {
    delete process.env['HOOKCELL_TEST_TOKEN'];
  }
});
