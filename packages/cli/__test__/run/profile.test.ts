import { existsSync, readFileSync } from 'node:fs';

import { plugin } from '../../../../__test__/support/wat';
import { Folder } from '../support/folder';
import { hookcell, jsonOf } from '../support/hookcell';

const folder = new Folder();
const context = folder.write('context.json', { input: {} });

/** A hook that calls `$brief` and then `$long`, which loops nine times as often. */
const definitions = `
  (func $loops (param $times i32)
    (loop $again
      (local.set $times (i32.sub (local.get $times) (i32.const 1)))
      (br_if $again (i32.gt_s (local.get $times) (i32.const 0)))))
  (func $brief (call $loops (i32.const 1000)))
  (func $long (call $loops (i32.const 9000)))`;

interface Profile {
  shared: { frames: { name: string }[] };
  profiles: [{ samples: number[][]; weights: number[]; endValue: number; type: string }];
}

function read(file: string): Profile {
  return JSON.parse(readFileSync(file, 'utf8')) as Profile;
}

/** The fuel of all samples with this function in their stack. */
function fuelIn({ shared, profiles: [{ samples, weights }] }: Profile, name: string): number {
  const index = shared.frames.findIndex((frame) => frame.name === name);
  return samples.reduce((sum, stack, at) => (stack.includes(index) ? sum + (weights[at] ?? 0) : sum), 0);
}

test('run --profile writes where the fuel goes, by the names of functions', async () => {
  const module = await plugin({ definitions, hook: '(call $brief) (call $long) (i64.const 0)' });
  const file = folder.at('profile.json');
  const args = ['run', folder.write('loops.wasm', module), '--context', context, '--profile', file, '--json'];
  const json = jsonOf(await hookcell(args), 'run');
  expect(json.profile).toEqual({ file, samples: 500 });
  const profile = read(file);
  const [{ endValue, weights, samples, type }] = profile.profiles;
  expect(type).toBe('sampled');
  expect(endValue).toBe(json.usage.fuel);
  expect(weights).toHaveLength(samples.length);
  expect(fuelIn(profile, 'long') / endValue).toBeCloseTo(0.9, 1);
  expect(fuelIn(profile, 'brief') / endValue).toBeCloseTo(0.1, 1);
  expect(fuelIn(profile, 'loops') / endValue).toBeGreaterThan(0.97);
  // The same call has the same profile.
  await hookcell([...args.slice(0, -2), folder.at('again.json'), '--json']);
  expect(read(folder.at('again.json'))).toEqual(profile);
});

test('a call that uses up its fuel is profiled, and ends as without a profile', async () => {
  const file = folder.at('endless.json');
  const endless = await folder.plugin('endless_hook');
  const args = ['run', endless, '--context', context, '--max-fuel', '100000', '--profile', file];
  const { code, stdout } = await hookcell(args);
  expect(code).toBe(3);
  expect(stdout).toMatch(/ERR_FUEL[^]*profile 500 samples in /);
  expect(read(file).profiles[0].endValue).toBe(100_000);
});

test('a profile that cannot be written exits with 2, and a call that lost its fuel or was refused has none', async () => {
  const echo = await folder.plugin('echo');
  const crash = await folder.plugin('crash');
  const file = folder.at('never.json');
  expect((await hookcell(['run', echo, '--context', context, '--profile', folder.path])).code).toBe(2);
  const crashed = await hookcell(['run', crash, '--context', context, '--profile', file]);
  expect(crashed).toMatchObject({ code: 3, stderr: expect.stringContaining('no profile was written') });
  expect((await hookcell(['run', echo, '--context', context, '--hook', 'none', '--profile', file])).code).toBe(4);
  expect(existsSync(file)).toBe(false);
});
