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

describe('what a configuration may refer to:', () => {
  const SECRETS = { DATABASE_URL: 'postgres://very-secret', HOOKCELL_TEST_PIN: '86421357' };
  const [url, pin] = Object.keys(SECRETS).map((env) => ({ env }));

  beforeEach(() => void Object.assign(process.env, SECRETS));
  afterEach(() => {
    for (const name of Object.keys(SECRETS)) {
      delete process.env[name];
    }
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['of the plugin', { config: { database: [{ url }] } }, 'config.database[0].url'],
    ['of a tenant', { tenantConfigs: { acme: { url } } }, 'tenantConfigs.acme.url'],
    ['that is a reference itself', { config: url }, 'config'],
  ])('a manifest cannot read a variable that the server does not allow, in a configuration %s', async (_, more, at) => {
    const folder = new SetFolder();
    folder.list(folder.module('one', await telling(), more));

    const error = await refusal(folder.open(makeRuntime()), 'ERR_CONFIG');

    expect(error.message).toContain(`${at} refers to the environment variable 'DATABASE_URL'`);
    expect(error.message).toContain('(allowedEnv)');
    expect(error.message).not.toContain('very-secret');
  });

  test.each([[['DATABASE_URL']], [['DATABASE_*']], [['*']]])('with the option %j, it can', async (allowedEnv) => {
    const folder = new SetFolder();
    folder.list(folder.module('one', await telling(), { config: { url } }));

    const set = await folder.open(makeRuntime(), { allowedEnv });

    expect(await contextOf(set)).toMatchObject({ config: { url: SECRETS.DATABASE_URL } });
  });

  test('an empty list allows none, and a wrong one is named', async () => {
    const folder = new SetFolder();
    folder.list(folder.module('one', await telling(), { config: { pin } }));

    await refusal(folder.open(makeRuntime(), { allowedEnv: [] }), 'ERR_CONFIG');
    await expect(folder.open(makeRuntime(), { allowedEnv: ['A', 'B-C'] })).rejects.toThrow(
      "allowedEnv[1] must be the name of a variable, or the beginning of names and a *, got 'B-C'",
    );
    await expect(folder.open(makeRuntime(), { allowedEnv: 'A' as never })).rejects.toThrow(
      'allowedEnv must be an array',
    );
  });

  test('a fixture cannot read one either', async () => {
    const folder = new SetFolder();
    folder.write(
      'fixtures/one.json',
      JSON.stringify({ name: 'x', hook: 'before_hook', context: { input: {} }, config: { url } }),
    );
    folder.list(folder.module('one', await telling()));

    await refusal(folder.open(makeRuntime(), { fixtures: folder.file('fixtures') }), 'ERR_CONFIG');
  });

  test('what a plugin says about a configuration that it rejects has no secrets: not in the status, the events and the log', async () => {
    const folder = new SetFolder();
    const module = await telling();
    folder.list(folder.module('one', module));
    const lines: string[] = [];
    const set = await folder.open(makeRuntime(), { logger: { warn: (line) => void lines.push(line) } });
    const events: unknown[] = [];
    set.on('refused', (refused) => events.push(refused));

    const { pin: number } = { pin: Number(SECRETS.HOOKCELL_TEST_PIN) };
    const rejection = `{"ok":false,"error":"wrong: ${number}","details":[${number},{"${number}":"a${number}z"}]}`;
    const repeating = await telling(`${data(60_000, rejection)}
      (func (export "validate_config") (param i32 i32) (result i64) ${packed(60_000, rejection.length)})`);
    folder.list(folder.module('one', repeating, { config: { pin } }));
    const { refused } = await set.reload();

    expect(refused).toMatchObject([
      {
        code: 'ERR_CONFIG',
        message: expect.stringContaining('wrong: {env:HOOKCELL_TEST_PIN}'),
        details: ['{env:HOOKCELL_TEST_PIN}', { '{env:HOOKCELL_TEST_PIN}': 'a{env:HOOKCELL_TEST_PIN}z' }],
      },
    ]);
    const told = JSON.stringify([refused, events, lines, set.status()]);
    expect(events).toHaveLength(1);
    expect(lines).toHaveLength(1);
    expect(told).not.toContain(String(number));

    folder.list(folder.module('one', repeating, { tenantConfigs: { acme: { pin } } }));
    const ofTenant = await set.reload();
    expect(ofTenant.refused).toMatchObject([{ code: 'ERR_CONFIG' }]);
    expect(JSON.stringify([ofTenant, events, lines, set.status()])).not.toContain(String(number));
  });
});
