import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Ajv } from 'ajv';
import { generateSigningKeys, signManifest } from 'hookcell/plugins';

import { refusal } from '../support/refusal';
import { accepting, closeAll, makeRuntime, resultFor, SetFolder } from './set-folder';
import type { Entry } from './set-folder';

afterEach(closeAll);

const schema = JSON.parse(readFileSync(path.join(__dirname, '../../schemas/plugins.json'), 'utf8')) as object;
const matches = new Ajv({ allowUnionTypes: true, strictRequired: false }).compile(schema);
const digest = 'a'.repeat(64);
const entry = { name: 'one', file: 'one.wasm', sha256: digest };
const deep = JSON.parse(`${'['.repeat(101)}${']'.repeat(101)}`) as unknown;

/** Manifests that are wrong in one place, and that place. The third column says what the published schema cannot see. */
const wrong: [string, unknown, 'only the host'?][] = [
  ['plugins', {}],
  ['plugins', { plugins: {} }],
  ['other', { plugins: [], other: 1 }],
  ['plugins[0]', { plugins: [null] }],
  ['plugins[0].name', { plugins: [{ file: 'one.wasm', sha256: digest }] }],
  ['plugins[1].name', { plugins: [entry, { ...entry, name: '../one' }] }],
  ['plugins[0].name', { plugins: [{ ...entry, name: 'a'.repeat(65) }] }],
  ['plugins[0].sha256', { plugins: [{ name: 'one', file: 'one.wasm' }] }],
  ['plugins[0].sha256', { plugins: [{ ...entry, sha256: 'abc' }] }],
  ['plugins[0]', { plugins: [{ name: 'one', sha256: digest }] }],
  ['plugins[0]', { plugins: [{ ...entry, source: 's3://one' }] }],
  ['plugins[0].file', { plugins: [{ ...entry, file: 7 }] }],
  ['plugins[0].hooks', { plugins: [{ ...entry, hooks: [] }] }],
  ['plugins[0].hooks', { plugins: [{ ...entry, hooks: ['before_hook', 7] }] }],
  ['plugins[0].hooks', { plugins: [{ ...entry, hooks: ['before_hook', 'before_hook'] }] }],
  ['plugins[0].order', { plugins: [{ ...entry, order: 1.5 }] }],
  ['plugins[0].order', { plugins: [{ ...entry, order: 1_000_001 }] }],
  ['plugins[0].limits', { plugins: [{ ...entry, limits: { maxFule: 1 } }] }],
  ['plugins[0].limits', { plugins: [{ ...entry, limits: { maxFuel: 0 } }] }],
  ['plugins[0].limits', { plugins: [{ ...entry, limits: null }] }],
  ['plugins[0].config', { plugins: [{ ...entry, config: deep }] }, 'only the host'],
  ['plugins[0].enabled', { plugins: [{ ...entry, enabled: 'yes' }] }],
  ['plugins[0].tenants', { plugins: [{ ...entry, tenants: 'acme' }] }],
  ['plugins[0].tenants', { plugins: [{ ...entry, tenants: ['a'.repeat(257)] }] }],
  ['plugins[0].mode', { plugins: [{ ...entry, mode: 'observe' }] }],
  ['plugins[0].sample', { plugins: [{ ...entry, mode: 'monitor', sample: 1.1 }] }],
  ['plugins[0].sample', { plugins: [{ ...entry, sample: 0.5 }] }],
  ['plugins[0].share', { plugins: [{ ...entry, share: 0 }] }],
  ['plugins[0].share', { plugins: [{ ...entry, mode: 'monitor', share: 0.5 }] }],
  ['plugins[0].share', { plugins: [{ ...entry, share: 0.5 }] }, 'only the host'],
  ['plugins[0].sticky', { plugins: [{ ...entry, sticky: 'session' }] }],
  ['plugins[0].onFault', { plugins: [{ ...entry, onFault: 'ignore' }] }],
  ['plugins[1]', { plugins: [entry, entry] }, 'only the host'],
  ['plugins[0].sha265', { plugins: [{ ...entry, sha265: digest }] }],
];

test.each(wrong)(
  'a manifest that is wrong at %s is refused with that path: %j',
  async (...[where, manifest, seenBy]) => {
    const folder = new SetFolder();
    folder.write('plugins.json', JSON.stringify(manifest));

    const error = await refusal(folder.open(makeRuntime()), 'ERR_MANIFEST');

    expect(error.path).toBe(where);
    expect(error.message).toContain(where);
    expect(matches(manifest)).toBe(seenBy === 'only the host');
  },
);

test('a manifest with every member is taken, and the published schema takes it too', async () => {
  const folder = new SetFolder();
  const all: Entry = folder.plugin('all', accepting({ version: 1 }), {
    version: '1.0.0',
    hooks: ['before_hook'],
    order: 5,
    limits: { maxFuel: 500_000 },
    enabled: true,
    tenants: ['acme'],
    mode: 'enforce',
    sticky: 'user',
    onFault: 'open',
    onReject: 'closed',
  });
  const canary = folder.plugin('all', accepting({ version: 2 }), { share: 0.5 });
  const monitor = folder.plugin('all', accepting({ version: 3 }), { mode: 'monitor', sample: 0.1 });
  const manifest = { $schema: './node_modules/hookcell/schemas/plugins.json', plugins: [all, canary, monitor] };
  folder.write('plugins.json', JSON.stringify(manifest));

  const set = await folder.open(makeRuntime());

  expect(matches(manifest)).toBe(true);
  expect(set.status().plugins[0]?.versions.map(({ role }) => role)).toEqual(['base', 'canary', 'monitor']);
});

test('a manifest lists all of its problems at once', async () => {
  const folder = new SetFolder();
  folder.list({ ...entry, name: '' }, { ...entry, sha256: 1 });

  const error = await refusal(folder.open(makeRuntime()), 'ERR_MANIFEST');

  expect(error.message).toMatch(/plugins\[0\]\.name .*\n- plugins\[1\]\.sha256 /);
});

test('a mistake in a share is one problem, and no second one with the name', async () => {
  const folder = new SetFolder();
  folder.list(entry, { ...entry, share: 0 });

  const error = await refusal(folder.open(makeRuntime()), 'ERR_MANIFEST');

  expect(error.message).toMatch(/is not valid: plugins\[1\]\.share must be more than 0 and at most 1, got 0$/);
});

test('a configuration that is refused is so with the path of the value, in arrays and objects', async () => {
  const folder = new SetFolder();
  const text = JSON.stringify({ plugins: [{ ...entry, config: { rules: [1, { MARK: 2 }] } }] });
  folder.write('plugins.json', text.replace('MARK', '__proto__'));
  const { message } = await refusal(folder.open(makeRuntime()), 'ERR_MANIFEST');
  expect(message).toContain('plugins[0].config has a __proto__ key at config.rules[1]');

  folder.list(folder.plugin('one', accepting({}), { tenantConfigs: { acme: { a: [[{ env: 'PATH' }]] } } }));
  const { message: refused } = await refusal(folder.open(makeRuntime()), 'ERR_CONFIG');
  expect(refused).toContain("tenantConfigs.acme.a[0][0] refers to the environment variable 'PATH'");
});

test('versions with configurations whose members are in another order are the same version', async () => {
  const folder = new SetFolder();
  const ids: unknown[] = [];
  for (const config of [
    { b: [{ y: 1, x: 2 }], 2: 'c', 10: 'd' },
    { 10: 'd', 2: 'c', b: [{ x: 2, y: 1 }] },
    { b: [] },
  ]) {
    folder.list(folder.plugin('one', accepting({}), { config }));
    const set = await folder.open(makeRuntime());
    ids.push(set.status().plugins[0]?.versions[0]?.id);
  }

  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

test('tenants are names and no patterns', async () => {
  const folder = new SetFolder();
  folder.list(folder.plugin('one', accepting({ seen: 1 }), { tenants: ['*', 'ac*', 'acm?', '.*'] }));
  const set = await folder.open(makeRuntime());

  expect(await resultFor(set, 'acme')).toEqual({});
  expect(await resultFor(set, 'ac*')).toEqual({ seen: 1 });
});

test('a manifest, fixtures and keys with a byte order mark are read', async () => {
  const folder = new SetFolder();
  const mark = '\u{FEFF}';
  const { privateKey, publicKey } = generateSigningKeys();
  const text = `${mark}${JSON.stringify({ plugins: [folder.plugin('one', accepting({ version: 1 }))] })}`;
  folder.write('plugins.json', text);
  folder.write('plugins.json.sig', signManifest(Buffer.from(text), privateKey));
  folder.write('fixtures/one.json', `${mark}${JSON.stringify({ context: { input: {} } })}`);
  const trustedKeys = folder.write('keys.json', `${mark}${JSON.stringify([{ publicKey }])}`);

  const set = await folder.open(makeRuntime(), { fixtures: folder.file('fixtures'), trustedKeys, require: 'signed' });

  expect(set.status()).toMatchObject({
    manifest: { trust: { status: 'signed' } },
    plugins: [{ versions: [{ fixtures: 1 }] }],
  });
});

test('a manifest that is not JSON, or not UTF-8, is refused', async () => {
  const folder = new SetFolder();
  folder.write('plugins.json', '{"plugins":');
  await refusal(folder.open(makeRuntime()), 'ERR_MANIFEST');

  folder.write('plugins.json', Buffer.from('7b22ff227d', 'hex'));
  await refusal(folder.open(makeRuntime()), 'ERR_MANIFEST');
});

test('a manifest that is longer than maxManifestBytes, or is not a file, is refused', async () => {
  const folder = new SetFolder();
  folder.list({ ...entry, version: 'a'.repeat(64) });
  await refusal(folder.open(makeRuntime(), { maxManifestBytes: 64 }), 'ERR_READ');

  await refusal(folder.open(makeRuntime(), { manifest: folder.path }), 'ERR_READ');
});

(process.platform === 'win32' ? test.skip : test)(
  'a pipe in a folder of plugins is refused, and not waited for',
  async () => {
    const folder = new SetFolder();
    execFileSync('mkfifo', [path.join(folder.path, 'one.wasm')]);

    const error = await refusal(folder.open(makeRuntime(), { manifest: undefined, folder: folder.path }), 'ERR_READ');

    expect(error.message).toContain('one.wasm: it is not a file');
  },
);

test.each([
  [{ manifest: undefined }, /takes manifest or folder, got neither/],
  [{ folder: '.' }, /takes manifest or folder, got both/],
  [{ keepVersions: -1 }, /^keepVersions must be a whole number from 0 to 100/],
  [{ watch: { pollMs: 1 } }, /^watch\.pollMs must be/],
  [{ watch: { polls: 1 } }, /unknown option 'watch\.polls'/],
  [{ source: 's3' }, /^source must be a function/],
  [{ require: 'sealed' }, /^require must be 'signed'/],
  [{ trustedKeys: [{ publicKey: 'AAAA' }] }, /^trustedKeys\[0\]\.publicKey is not a public key of Ed25519/],
  [{ manifests: 'x' }, /unknown option 'manifests'/],
])('the option %j is refused with its name', async (options, message) => {
  const folder = new SetFolder();
  folder.list();

  await expect(folder.open(makeRuntime(), options as never)).rejects.toThrow(message);
});
