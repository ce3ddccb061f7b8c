import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, runTool } from './command.mjs';
import { isStamped, stamped } from './stamp.mjs';

const inputs = ['lib', 'native/index.d.ts', 'package-lock.json', 'tsconfig.build.json', 'tsconfig.json'];
const outputs = ['dist', 'index.d.ts'];
const header = '// Rolled up from lib/ by `npm run setup`. Edit there.\n\n';

/** Compiles lib/ into dist/, and writes the public API with its documentation to index.d.ts. */
export const typescript = {
  notice: 'compiling lib/ and rolling up index.d.ts',

  isCurrent: () => isStamped('typescript', inputs, outputs),

  make: () => stamped('typescript', compile, inputs, outputs),
};

// The types come first, because the adapters in lib/ use them as a user's code does.
async function compile() {
  await rollUpTypes();
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  await runTool('typescript', ['--project', 'tsconfig.build.json'], { command: 'tsc' });
}

async function rollUpTypes() {
  const file = path.join(root, 'index.d.ts');
  await runTool('dts-bundle-generator', [
    '--silent',
    '--no-banner',
    // tsc checks the result in `npm run check`.
    '--no-check',
    '--export-referenced-types=false',
    '--project=tsconfig.build.json',
    '--out-file=index.d.ts',
    'lib/index.ts',
  ]);
  writeFileSync(file, header + readFileSync(file, 'utf8'));
  await runTool('oxfmt', ['index.d.ts'], { output: 'capture' });
}
