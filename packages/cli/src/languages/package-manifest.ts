/** The packages that every project has: the command, and the host that it calls plugins in. */
const COMMON = ['@hookcell/cli', 'hookcell'];

/**
 * The package.json of a new project, in any language, because the command comes from npm. All of hookcell's packages have the
 * version of this one.
 *
 * @param kits - further packages of hookcell
 * @param others - other packages, with their versions
 */
export function packageManifest(
  name: string,
  kits: readonly string[] = [],
  others: Record<string, string> = {},
): string {
  const { version } = require('../../package.json') as { version: string };
  const ours = [...COMMON, ...kits].toSorted();
  const devDependencies = { ...Object.fromEntries(ours.map((each) => [each, `^${version}`])), ...others };
  const manifest = {
    name,
    private: true,
    type: 'module',
    scripts: { build: 'hookcell build', test: 'hookcell build && hookcell test' },
    devDependencies,
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
