// The serial number of a signed manifest, which keeps an older one from being brought back.

import { readFileSync, writeFileSync } from 'node:fs';

import { generateSigningKeys, signManifest, verifyManifest } from 'hookcell/plugins';

import { refusal } from '../../support/refusal';
import { accepting, closeAll, makeRuntime, resultFor, SetFolder } from '../set-folder';

afterEach(closeAll);

const { privateKey, publicKey, keyId } = generateSigningKeys();
const signed = { require: 'signed', trustedKeys: [{ publicKey }] } as const;

/** Lists a version and signs the manifest. Returns what writes the same bytes and signature again. */
function sign(folder: SetFolder, version: number, serial?: number): () => void {
  folder.list(folder.plugin('one', accepting({ version })));
  const manifest = readFileSync(folder.manifest);
  const signature = signManifest(manifest, privateKey, { serial });
  const write = () => {
    writeFileSync(folder.manifest, manifest);
    writeFileSync(`${folder.manifest}.sig`, signature);
  };
  write();
  return write;
}

test('an older manifest with its own signature is refused at a reload, and what runs goes on', async () => {
  const folder = new SetFolder();
  const bringBack = sign(folder, 1, 7);
  const set = await folder.open(makeRuntime(), signed);
  sign(folder, 2, 8);
  await set.reload();

  bringBack();
  const error = await refusal(set.reload(), 'ERR_SIGNATURE');

  expect(error.message).toContain(
    `is outdated, and require is 'signed': the serial number is lower than one before (7 after 8): sign it again to go back to it (key ${keyId})`,
  );
  expect(set.status()).toMatchObject({ manifest: { trust: { serial: 8 } }, problem: { code: 'ERR_SIGNATURE' } });
  expect(await resultFor(set)).toEqual({ version: 2 });
});

test('a restart does not forget the serial number', async () => {
  const folder = new SetFolder();
  const bringBack = sign(folder, 1, 7);
  sign(folder, 2, 8);
  await (await folder.open(makeRuntime(), signed)).close();

  bringBack();
  await refusal(folder.open(makeRuntime(), signed), 'ERR_SIGNATURE');
});

test('a serial number that another process of the same store has taken counts, and is not forgotten', async () => {
  const folder = new SetFolder();
  const bringBack = sign(folder, 1, 7);
  const one = await folder.open(makeRuntime(), signed);
  const other = await folder.open(makeRuntime(), signed);
  sign(folder, 2, 8);
  await one.reload();

  bringBack();
  await refusal(other.reload(), 'ERR_SIGNATURE');
  await one.close();
  await other.close();

  bringBack();
  await refusal(folder.open(makeRuntime(), signed), 'ERR_SIGNATURE');
});

test('the same serial number again, and the same manifest with a higher one, are taken', async () => {
  const folder = new SetFolder();
  const first = sign(folder, 1, 7);
  const set = await folder.open(makeRuntime(), signed);
  sign(folder, 2, 7);
  await set.reload();
  expect(await resultFor(set)).toEqual({ version: 2 });

  first();
  sign(folder, 1, 9);
  await set.reload();

  expect(await resultFor(set)).toEqual({ version: 1 });
});

test('a rollback goes to a version of an older manifest, which the set had itself', async () => {
  const folder = new SetFolder();
  sign(folder, 1, 7);
  await (await folder.open(makeRuntime(), signed)).close();
  sign(folder, 2, 8);
  const set = await folder.open(makeRuntime(), signed);

  await set.rollback('one');

  expect(await resultFor(set)).toEqual({ version: 1 });
});

test('without require, an older manifest is taken, and its status is outdated', async () => {
  const folder = new SetFolder();
  const bringBack = sign(folder, 1, 7);
  const set = await folder.open(makeRuntime(), { trustedKeys: [{ publicKey }] });
  sign(folder, 2, 8);
  await set.reload();

  bringBack();
  await set.reload();

  expect(set.status().manifest.trust).toMatchObject({ status: 'outdated', serial: 7 });
});

test('a signature has the time as its serial number unless another one is given', () => {
  const manifest = Buffer.from('{"plugins":[]}');
  const before = Date.now();

  const { serial = 0 } = verifyManifest(manifest, signManifest(manifest, privateKey), [{ publicKey }]);

  expect(serial).toBeGreaterThanOrEqual(before);
  expect(serial).toBeLessThanOrEqual(Date.now());
  expect(() => signManifest(manifest, privateKey, { serial: -1 })).toThrow(/^serial must be a whole number from 0/);
});
