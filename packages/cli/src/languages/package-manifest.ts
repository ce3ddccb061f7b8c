/** The package.json of a new project. All of hookcell's packages have the version of this one. */
export function packageManifest(name: string, ours: readonly string[], others: Record<string, string> = {}): string {
  const { version } = require('../../package.json') as { version: string };
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
