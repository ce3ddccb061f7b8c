import { readFileSync, statSync } from 'node:fs';

import { Folder } from '../support/folder';
import { hookcell, jsonOf } from '../support/hookcell';

const folder = new Folder();

test('a manifest that is signed with a new key is signed, and one that is changed afterwards is modified', async () => {
  const name = folder.at('key');
  const [privateKey, trusted] = [`${name}.private.pem`, `${name}.public.json`];
  const { keyId } = jsonOf(await hookcell(['keygen', '--out', name, '--json']), 'trust/keygen');
  const manifest = folder.write('plugins.json', { plugins: [] });
  const verify = async () =>
    jsonOf(await hookcell(['verify', manifest, '--trusted', trusted, '--json']), 'trust/verify');

  expect(statSync(privateKey).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(trusted, 'utf8'))).toMatchObject([{ keyId }]);
  expect(await verify()).toMatchObject({ status: 'unsigned' });

  expect(jsonOf(await hookcell(['sign', manifest, '--key', privateKey, '--json']), 'trust/sign')).toMatchObject({
    keyId,
  });
  expect(await verify()).toEqual({ status: 'signed', check: 'signature matches', keyId, serial: expect.any(Number) });

  const numbered = ['sign', manifest, '--key', privateKey, '--serial', '12', '--json'];
  expect(jsonOf(await hookcell(numbered), 'trust/sign')).toMatchObject({ serial: 12 });
  expect(await verify()).toMatchObject({ status: 'signed', serial: 12 });
  expect((await hookcell(['sign', manifest, '--key', privateKey, '--serial', '1.5'])).code).toBe(2);

  folder.write('plugins.json', { plugins: [], changed: true });
  expect(await verify()).toMatchObject({ status: 'modified', check: 'signature is of other bytes' });
});

test('a key is never overwritten', async () => {
  const name = folder.at('once');
  await hookcell(['keygen', '--out', name]);
  const before = readFileSync(`${name}.private.pem`, 'utf8');

  const again = await hookcell(['keygen', '--out', name]);

  expect(again.code).toBe(2);
  expect(readFileSync(`${name}.private.pem`, 'utf8')).toBe(before);
});
