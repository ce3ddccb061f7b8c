import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { orMissing, pdk } from './compiler.mjs';

export const wat = {
  name: 'wat',

  async build(output, say) {
    // Imported here, so that the script can run the cases on committed modules without node_modules.
    const { default: initWabt } = await orMissing('npm install has not brought wabt', () => import('wabt'));
    say('assembling with wabt');
    const wabt = await initWabt();
    const source = readFileSync(path.join(pdk, 'wat', 'validate_email.wat'), 'utf8');
    const module = wabt.parseWat('validate_email.wat', source);
    try {
      module.validate();
      writeFileSync(output, module.toBinary({}).buffer);
    } finally {
      module.destroy();
    }
  },
};
