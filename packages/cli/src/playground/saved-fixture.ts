import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { ReportedCall } from '../calls/call-report.js';
import { UsageError } from '../exit.js';
import { fixtureProblem } from '../fixtures/fixture-schema.js';
import type { CallDefaults } from '../fixtures/fixture-run.js';
import type { Fixture } from '../fixtures/fixture.js';
import { shown } from '../terminal/shown-text.js';

/**
 * Writes a call as a fixture that expects what happened.
 *
 * @returns the path of its file
 * @throws {UsageError} if there is one of this name, it would not be valid, or the folder cannot be written to
 */
export async function saveFixture(
  folder: string,
  name: string,
  { hook, context, outcome, log }: ReportedCall,
  { limits, grants }: CallDefaults,
): Promise<string> {
  const fixture: Fixture = {
    name,
    hook,
    context,
    ...grants,
    expected: outcome,
    ...(log === undefined ? {} : { log: [...log] }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
  const problem = await fixtureProblem(fixture);
  if (problem !== undefined) {
    throw new UsageError(`it would be no fixture: ${shown(problem)}`);
  }
  const file = path.join(folder, `${fileName(name)}.json`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, `${JSON.stringify(fixture, undefined, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new UsageError(
      isThere ? `${shown(file)} is there already: choose another name` : `cannot write: ${(error as Error).message}`,
    );
  }
  return file;
}

/** Only letters, digits and dashes, so that a name cannot lead out of the folder. */
function fileName(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const joined = words.join('-').slice(0, 60);
  if (joined === '') {
    throw new UsageError('the name needs a letter or a digit');
  }
  return joined;
}
