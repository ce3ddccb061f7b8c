import { existsSync } from 'node:fs';
import path from 'node:path';
import { runNpm } from '../build/command.mjs';
import { isStamped, stamp } from '../build/stamp.mjs';
import { orMissing, pdk } from './compiler.mjs';

const cwd = path.join(pdk, 'assemblyscript');
const installed = ['pdk-assemblyscript', ['pdk/assemblyscript/package-lock.json']];

export const assemblyscript = {
  name: 'assemblyscript',

  /**
   * @param {string} output
   * @param {(text: string) => void} say
   * @param {string[]} [args] for the compiler; they override asconfig.json
   */
  async build(output, say, args = []) {
    if (!isStamped(...installed) || !existsSync(path.join(cwd, 'node_modules'))) {
      say('installing assemblyscript and json-as with npm ci');
      await orMissing('npm could not install the compiler', () => runNpm(['ci', '--no-audit', '--no-fund'], { cwd }));
      stamp(...installed);
    }
    say('compiling with asc');
    await runNpm(['run', '--silent', 'build', '--', '--outFile', output, ...args], { cwd });
  },
};
