import { readFileSync, rmSync, writeFileSync } from 'node:fs';

import { generateSigningKeys, signManifest, verifyManifest } from 'hookcell/plugins';
import type { TrustedKey } from 'hookcell/plugins';

import { refusal } from '../../support/refusal';
import { accepting, closeAll, makeRuntime, resultFor, SetFolder } from '../set-folder';

afterEach(closeAll);

const keys = generateSigningKeys();
const others = generateSigningKeys();
const { publicKey, keyId } = keys;
const signed = { require: 'signed', trustedKeys: [{ publicKey }] } as const;

/** A folder with a signed manifest of one plugin. */
function signedFolder(version = 1, signer = keys): SetFolder {
  const folder = new SetFolder();
  folder.list(folder.plugin('one', accepting({ version })));
  sign(folder, signer);
  return folder;
}

function sign(folder: SetFolder, { privateKey } = keys, serial?: number): void {
  writeFileSync(`${folder.manifest}.sig`, signManifest(readFileSync(folder.manifest), privateKey, { serial }));
}

function changeSignature(folder: SetFolder, changes: object): void {
  const file = `${folder.manifest}.sig`;
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...changes }));
}

test('a manifest that a trusted key signed is taken', async () => {
  const set = await signedFolder().open(makeRuntime(), signed);

  expect(set.status().manifest.trust).toEqual({
    status: 'signed',
    check: 'signature matches',
    keyId,
    serial: expect.any(Number),
  });
  expect(await resultFor(set)).toEqual({ version: 1 });
});

const hour = 3_600_000;
const at = (ms: number) => new Date(Date.now() + ms).toISOString();

test.each<[string, string, string, TrustedKey[], (folder: SetFolder) => void]>([
  [
    'has no signature',
    'unsigned',
    'signature is missing',
    [{ publicKey }],
    (folder) => rmSync(`${folder.manifest}.sig`),
  ],
  [
    'has a signature that is not JSON',
    'invalid',
    'signature is malformed',
    [{ publicKey }],
    (folder) => writeFileSync(`${folder.manifest}.sig`, 'x'),
  ],
  [
    'has a signature of another algorithm',
    'invalid',
    'signature is malformed',
    [{ publicKey }],
    (folder) => changeSignature(folder, { algorithm: 'none' }),
  ],
  [
    'has a signature without a serial number',
    'invalid',
    'signature is malformed',
    [{ publicKey }],
    (folder) => changeSignature(folder, { serial: undefined }),
  ],
  [
    'has a signature with a higher serial number than was signed',
    'modified',
    'signature is of other bytes',
    [{ publicKey }],
    (folder) => changeSignature(folder, { serial: Number.MAX_SAFE_INTEGER }),
  ],
  ['is signed by another key', 'invalid', 'key is not in the list', [{ publicKey }], (folder) => sign(folder, others)],
  [
    'is signed by a key that is not yet trusted',
    'invalid',
    'key is not yet trusted',
    [{ publicKey, notBefore: at(hour) }],
    () => {},
  ],
  [
    'is signed by a key that is no longer trusted',
    'invalid',
    'key is no longer trusted',
    [{ publicKey, notAfter: at(-hour) }],
    () => {},
  ],
  [
    'was changed after it was signed',
    'modified',
    'signature is of other bytes',
    [{ publicKey }],
    (folder) => void folder.list(),
  ],
  [
    'has the signature of another manifest',
    'modified',
    'signature is of other bytes',
    [{ publicKey }],
    (folder) => writeFileSync(`${folder.manifest}.sig`, signManifest(Buffer.from('{"plugins":[]}'), keys.privateKey)),
  ],
  [
    'names a trusted key with the signature of another one',
    'modified',
    'signature is of other bytes',
    [{ publicKey }],
    (folder) => {
      const forged = JSON.parse(signManifest(readFileSync(folder.manifest), others.privateKey)) as object;
      writeFileSync(`${folder.manifest}.sig`, JSON.stringify({ ...forged, keyId }));
    },
  ],
])(
  'a manifest that %s is %s, and refused if it must be signed: the %s',
  async (...[, status, check, trustedKeys, change]) => {
    const folder = signedFolder();
    change(folder);

    const error = await refusal(folder.open(makeRuntime(), { require: 'signed', trustedKeys }), 'ERR_SIGNATURE');
    const set = await folder.open(makeRuntime(), { trustedKeys });

    expect(error.message).toContain(`is ${status}, and require is 'signed': the ${check}`);
    expect(set.status().manifest.trust).toMatchObject({ status, check });
  },
);

test('a manifest that is not trusted is not parsed', async () => {
  const folder = new SetFolder();
  folder.write('plugins.json', 'not JSON');

  await refusal(folder.open(makeRuntime(), signed), 'ERR_SIGNATURE');
});

test('a reload to a manifest that is not trusted keeps what runs', async () => {
  const folder = signedFolder();
  const set = await folder.open(makeRuntime(), signed);

  folder.list(folder.plugin('one', accepting({ version: 2 })));
  await refusal(set.reload(), 'ERR_SIGNATURE');

  expect(await resultFor(set)).toEqual({ version: 1 });
  expect(set.status().problem).toMatchObject({ code: 'ERR_SIGNATURE' });
});

test('a key is exchanged without a gap: a file of keys is read at each reload', async () => {
  const folder = signedFolder();
  const file = folder.write(
    'keys.json',
    JSON.stringify([{ publicKey }, { publicKey: others.publicKey, keyId: others.keyId }]),
  );
  const set = await folder.open(makeRuntime(), { require: 'signed', trustedKeys: file });

  folder.list(folder.plugin('one', accepting({ version: 2 })));
  sign(folder, others);
  await set.reload();
  expect(await resultFor(set)).toEqual({ version: 2 });

  writeFileSync(file, JSON.stringify([{ publicKey: others.publicKey }]));
  folder.list(folder.plugin('one', accepting({ version: 3 })));
  sign(folder);
  await refusal(set.reload(), 'ERR_SIGNATURE');
  expect(await resultFor(set)).toEqual({ version: 2 });
});

test('a kept version is checked like any other: one whose key is no longer trusted does not come back after a restart', async () => {
  const folder = signedFolder();
  const set = await folder.open(makeRuntime(), signed);
  folder.list(folder.plugin('one', accepting({ version: 2 })));
  sign(folder, others);
  const set2 = await (await set.close(),
  folder.open(makeRuntime(), { require: 'signed', trustedKeys: [{ publicKey: others.publicKey }] }));

  await refusal(set2.rollback('one'), 'ERR_SIGNATURE');

  expect(await resultFor(set2)).toEqual({ version: 2 });
});

test('a state that names a manifest of a stranger does not bring it in', async () => {
  const stranger = signedFolder(666, others);
  const foreign = await stranger.open(makeRuntime());
  const { sha256 } = foreign.status().manifest;
  const [version] = foreign.status().plugins[0]?.versions ?? [];
  await foreign.close();
  const folder = signedFolder();
  const set = await folder.open(makeRuntime(), signed);
  await set.close();
  for (const name of [`manifests/${sha256}.json`, `manifests/${sha256}.json.sig`, `modules/${version?.sha256}.wasm`]) {
    folder.write(`.hookcell/${name}`, readFileSync(stranger.file('.hookcell', name)));
  }
  const kept = { id: version?.id, sha256: version?.sha256, manifest: sha256 };
  folder.write(
    '.hookcell/state.json',
    JSON.stringify({ format: 1, plugins: { one: { active: kept, kept: [kept], refused: [] } } }),
  );

  const again = await folder.open(makeRuntime(), signed);

  await refusal(again.rollback('one'), 'ERR_SIGNATURE');
  expect(await resultFor(again)).toEqual({ version: 1 });
});

test('a folder cannot be signed, and keys that are wrong are named', async () => {
  const folder = signedFolder();

  await expect(folder.open(makeRuntime(), { ...signed, manifest: undefined, folder: folder.path })).rejects.toThrow(
    /needs a manifest/,
  );
  expect(() => verifyManifest(Buffer.from('{}'), undefined, [{ publicKey: '' }])).toThrow(
    /^trustedKeys\[0\]\.publicKey/,
  );
  expect(() => verifyManifest(Buffer.from('{}'), undefined, [{ publicKey, keyId: 'abc' }])).toThrow(
    /^trustedKeys\[0\]\.keyId must be/,
  );
  expect(() => verifyManifest(Buffer.from('{}'), undefined, [{ publicKey, notAfter: '2026-01-01' }])).toThrow(
    /notAfter must be a time/,
  );
  expect(() => verifyManifest(Buffer.from('{}'), undefined, [{ publicKey }, { publicKey }])).toThrow(/twice/);
  expect(() => signManifest(Buffer.from('{}'), publicKey)).toThrow(/not a private key/);
});

test('a public key may be the base64 of its 32 bytes', () => {
  const raw = Buffer.from(publicKey.split('\n')[1] ?? '', 'base64')
    .subarray(12)
    .toString('base64');
  const manifest = Buffer.from('{"plugins":[]}');

  const trust = verifyManifest(manifest, signManifest(manifest, keys.privateKey), [{ publicKey: raw, keyId }]);

  expect(trust.status).toBe('signed');
});

test('a set that requires a signature and trusts no key is a wrong option', async () => {
  const folder = signedFolder();

  for (const trustedKeys of [undefined, []]) {
    const opened = folder.open(makeRuntime(), { require: 'signed', trustedKeys });

    await expect(opened).rejects.toThrow(
      new TypeError("require: 'signed' needs trustedKeys: without a key, no manifest is signed"),
    );
  }
});
