import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pdk } from '../compiler.mjs';
import { buildEngine, checkDigests, compareEngine } from './engine.mjs';
import { buildPlugin } from './plugin.mjs';

export const javascript = {
  name: 'javascript',
  pinned: true,

  /** The compiler and the run time of JavaScript are committed modules too. */
  engine: { run: checkDigests, check: compareEngine, commit: buildEngine },

  async build(output, say) {
    writeFileSync(output, await buildPlugin(path.join(pdk, 'javascript', 'src', 'validate_email.ts'), say));
  },
};
