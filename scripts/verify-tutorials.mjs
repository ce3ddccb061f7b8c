// Does what docs/tutorials/ say, from top to bottom, in an empty folder, with nothing but the tarballs of `npm run pack` and what
// the language itself needs.
//
//   node scripts/verify-tutorials.mjs [--languages typescript,rust] <tarballs of hookcell, its addon, the other packages and the kits>
//
// A block of a tutorial is, by the word after its language: a file of that name, the `server` that runs from then on, or else, in
// `sh`, commands. A block `text` after commands is what they print, in which … stands for anything. A language that cannot be
// had here is skipped, with the reason; if --languages names it, it fails.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Desk } from './author/desk.mjs';
import { follow } from './author/tutorial.mjs';
import { root } from './build/command.mjs';
import { MissingCompiler } from './plugins/compiler.mjs';
import { format } from './suites/tally.mjs';

const args = process.argv.slice(2);
const asked = args[0] === '--languages' ? args.splice(0, 2)[1].split(',') : undefined;
const home = path.join(root, 'docs', 'tutorials');
const languages = readdirSync(home)
  .filter((page) => page !== 'README.md')
  .map((page) => path.basename(page, '.md'));

const counts = { passed: 0, failed: 0, skipped: 0 };
const desk = await Desk.open(args.map((file) => path.resolve(file)));
try {
  for (const language of asked ?? languages) {
    counts[await attempt(language)] += 1;
  }
} finally {
  await desk.close();
}
console.log(format(counts));
process.exitCode = counts.failed > 0 ? 1 : 0;

async function attempt(language) {
  try {
    await desk.prepare(language);
    const blocks = await follow(path.join(home, `${language}.md`), desk.folder(language), desk.env);
    console.log(`ok      ${language}: ${blocks} blocks`);
    return 'passed';
  } catch (error) {
    if (error instanceof MissingCompiler && asked === undefined) {
      console.log(`skipped ${language}: ${error.message}`);
      return 'skipped';
    }
    console.log(`FAILED  ${language}: ${error.message}`);
    return 'failed';
  }
}
