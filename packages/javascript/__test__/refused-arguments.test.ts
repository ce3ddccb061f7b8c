import { buildPlugin } from '@hookcell/javascript';
import type { BuildPluginOptions, PluginSource } from '@hookcell/javascript';

const hook = 'export const before_hook = () => {};';

describe('an argument is refused', () => {
  const wrong: [string, unknown, unknown][] = [
    ['no source', {}, {}],
    ['two sources', { entry: 'a.ts', source: hook }, {}],
    ['a name with a folder', { source: hook, filename: '../a.ts' }, {}],
    ['a name of another language', { source: hook, filename: 'a.py' }, {}],
    ['an unknown option', { source: hook }, { minified: true }],
    ['an unknown limit', { source: hook }, { limits: { fuel: 1 } }],
    ['an unknown declared limit', { source: hook }, { declares: { maxContextBytes: 1 } }],
    ['an option of another type', { source: hook }, { minify: 'yes' }],
    ['samples that are no contexts', { source: hook }, { samples: [1] }],
    ['a limit of another type', { source: hook }, { limits: { maxFuel: '1' } }],
  ];

  test.each(wrong)('%s', async (_, from, options) => {
    await expect(buildPlugin(from as PluginSource, options as BuildPluginOptions)).rejects.toBeInstanceOf(TypeError);
  });

  test('if a limit is out of bounds', async () => {
    await expect(buildPlugin({ source: hook }, { limits: { maxSourceBytes: 0 } })).rejects.toThrow(
      new RangeError('limits.maxSourceBytes must be a whole number from 1 to 67108864, got 0'),
    );
    await expect(buildPlugin({ source: hook }, { limits: { timeoutMs: 0 } })).rejects.toThrow(/timeoutMs/);
    const declares = { timeoutMs: 1_001 };
    await expect(buildPlugin({ source: hook }, { declares })).rejects.toThrow(
      new RangeError('declares.timeoutMs must be a whole number from 1 to 1000, got 1001'),
    );
  });
});
