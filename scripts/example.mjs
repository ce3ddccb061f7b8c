// Builds what an example needs, and starts it.
//
//   node scripts/example.mjs express|fastify|nest|orders

import path from 'node:path';
import { main, root, run, runTool } from './build/command.mjs';

await main(async () => {
  const [name] = process.argv.slice(2);
  await run(process.execPath, ['scripts/setup.mjs']);
  await runTool('typescript', ['--project', 'examples'], { command: 'tsc' });
  await run(process.execPath, [path.join(root, 'target', 'examples', name, 'main.js')]);
});
