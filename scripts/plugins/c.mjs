import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pdk } from './compiler.mjs';
import { installZig, runZig } from './zig.mjs';

const cwd = path.join(pdk, 'c');

/** C has no validate_email: its answers are patches, and cases.json has whole inputs. */
export const c = {
  name: 'c',
  pinned: true,
  example: (name) => `examples/${name}.c`,
  recipe: 'hook.c',

  async buildExample({ source }, output, say) {
    await installZig(say);
    say('compiling with zig cc');
    const args = readFileSync(path.join(cwd, 'build.args'), 'utf8').trim().split(/\s+/);
    await runZig(['cc', ...args, path.relative(cwd, source), '-o', output], { cwd });
  },
};
