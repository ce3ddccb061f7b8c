// Sets up what is missing or out of date: the dependencies, the addon, the compiled TypeScript, the plugins in Python. The other
// commands start with it, so it runs before node_modules exists. If everything is up to date, it ends quickly.
//
//   node scripts/setup.mjs [--prebuilt]     --prebuilt: use the addon in native/ as it is, without Rust

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { addon, prebuiltAddon } from './build/addon.mjs';
import { CommandError, main, root } from './build/command.mjs';
import { nodeModules } from './build/node-modules.mjs';
import { packageSteps } from './build/packages.mjs';
import { typescript } from './build/typescript.mjs';
import { pythonPlugins } from './plugins/python/python.mjs';

await main(async () => {
  requireNode();
  const start = performance.now();
  const prebuilt = process.argv.includes('--prebuilt');
  for (const step of [nodeModules, prebuilt ? prebuiltAddon : addon, typescript, ...packageSteps, pythonPlugins]) {
    if (!step.isCurrent()) {
      console.log(`setup: ${step.notice}`);
      await step.make();
    }
  }
  console.log(`setup: everything is up to date (${((performance.now() - start) / 1000).toFixed(1)} s)`);
});

function requireNode() {
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const [major, minor] = process.versions.node.split('.').map(Number);
  const supported = engines.node.split('||').some((range) => {
    const [, operator, leastMajor, leastMinor] = /^\s*(\^|>=)(\d+)(?:\.(\d+))?\s*$/.exec(range);
    return major === Number(leastMajor)
      ? minor >= Number(leastMinor ?? 0)
      : operator === '>=' && major > Number(leastMajor);
  });
  if (!supported) {
    throw new CommandError(`Node.js ${process.versions.node} is not supported; hookcell needs ${engines.node}`);
  }
}
