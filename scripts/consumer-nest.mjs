import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, runTool } from './build/command.mjs';
import { firstLines, serveFile } from './consumer-page.mjs';

/** Where each version is installed in the repository. */
const folders = { 11: 'node_modules', 12: '__test__/nest12/node_modules' };

/**
 * Compiles the code of Nest's page with strict TypeScript, and starts its server: as CommonJS on Nest 11, as an ES module
 * on Nest 12.
 *
 * @param {11 | 12} version
 * @param {Parameters<typeof serveFile>[1]} consumer
 */
export async function serveNest(version, consumer) {
  const { home } = consumer;
  const type = version === 11 ? 'c' : 'm';
  link(home, '@nestjs', folders[version]);
  for (const name of ['rxjs', '@types']) {
    link(home, name, 'node_modules');
  }
  writeFileSync(path.join(home, `nest.page.${type}ts`), firstLines('docs/nest.md'));
  await runTool('typescript', ['--project', `nest${version}.json`], { command: 'tsc', cwd: home });
  await serveFile(path.join(home, `nest.page.${type}js`), consumer);
}

function link(home, name, folder) {
  const file = path.join(home, 'node_modules', name);
  rmSync(file, { force: true });
  symlinkSync(path.join(root, folder, name), file, 'junction');
}
