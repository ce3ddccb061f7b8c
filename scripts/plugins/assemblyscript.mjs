import { existsSync } from 'node:fs';
import path from 'node:path';
import { runNpm } from '../build/command.mjs';
import { isStamped, stamped } from '../build/stamp.mjs';
import { orMissing, pdk } from './compiler.mjs';

const cwd = path.join(pdk, 'assemblyscript');
const step = 'pdk-assemblyscript';
const locked = ['pdk/assemblyscript/package-lock.json'];

export const assemblyscript = {
  name: 'assemblyscript',
  pinned: true,

  /**
   * @param {string} output
   * @param {(text: string) => void} say
   * @param {string[]} [args] for the compiler; in addition to asconfig.json
   */
  async build(output, say, args = []) {
    await compile('validate_email.ts', output, say, args);
  },

  example: (name) => `examples/${name}.ts`,
  recipe: 'hook.as.ts',

  async buildExample({ source }, output, say) {
    // A recipe is in another folder, from which asc would not find the package.
    await compile(path.relative(cwd, source), output, say, ['--path', 'node_modules']);
  },
};

async function compile(source, output, say, args) {
  if (!isStamped(step, locked) || !existsSync(path.join(cwd, 'node_modules'))) {
    say('installing assemblyscript with npm ci');
    const install = () => runNpm(['ci', '--no-audit', '--no-fund'], { cwd });
    await orMissing('npm could not install the compiler', () => stamped(step, install, locked));
  }
  say('compiling with asc');
  await runNpm(['exec', '--', 'asc', source, '--outFile', output, ...args], { cwd });
}
