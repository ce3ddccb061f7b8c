import path from 'node:path';
import { CommandError, root, runNpm } from '../build/command.mjs';
import { npmLockFiles } from './lock-files.mjs';
import { Skipped } from './skipped.mjs';

// Users install none of these packages, because hookcell has no dependencies. A minor flaw in a tool can wait for its update.
const failing = ['high', 'critical'];

/** Checks the npm registry's advisories on the packages in the lock files. */
export async function checkNpmAdvisories() {
  let failed = 0;
  for (const file of await npmLockFiles()) {
    const { vulnerabilities, metadata } = await audit(path.join(root, path.dirname(file)));
    console.log(`${file}: ${metadata.dependencies.total} packages`);
    for (const { name, range, severity, via } of Object.values(vulnerabilities)) {
      const why = via.map((reason) => (typeof reason === 'string' ? `through ${reason}` : reason.url)).join(', ');
      console.log(`  ${severity}: ${name} ${range} (${why})`);
      failed += failing.includes(severity) ? 1 : 0;
    }
  }
  if (failed > 0) {
    throw new CommandError(`${failed} packages have advisories of severity ${failing.join(' or ')}`);
  }
}

async function audit(cwd) {
  // A user's settings could turn audits off, and npm would then report no problems.
  const settings = ['--audit', '--offline=false', '--omit=', '--fetch-retries=1', '--loglevel=silent'];
  const lines = [];
  try {
    await runNpm(['audit', '--json', '--package-lock-only', ...settings], { cwd, output: (line) => lines.push(line) });
  } catch (error) {
    // It also ends with a failure if it has found something.
    if (lines.length === 0) {
      throw error;
    }
  }
  const report = JSON.parse(lines.join('\n'));
  if (report.message !== undefined) {
    throw new Skipped(`the npm registry did not answer (${report.message})`);
  }
  if (report.error !== undefined) {
    throw new CommandError(`npm audit: ${report.error.summary}`);
  }
  return report;
}
