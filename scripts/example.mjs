// Starts one of the examples, after whatever has to be built for it.
//
//   node scripts/example.mjs express|fastify|nest

import path from 'node:path';
import { main, root, run, runTool } from './build/command.mjs';

await main(async () => {
  const [name] = process.argv.slice(2);
  await run(process.execPath, ['scripts/setup.mjs']);
  await runTool('typescript', ['--project', 'examples'], { command: 'tsc' });
  await run(process.execPath, [path.join(root, 'target', 'examples', name, 'main.js')]);
});
