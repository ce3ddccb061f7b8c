import type { Readable, Writable } from 'node:stream';

import { UsageError } from '../exit.js';
import { languageNames } from './languages.js';

/** The terminal that the questions are asked on. */
export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
}

/**
 * Asks where to make the plugin.
 *
 * @throws {UsageError} if the user gives up
 */
export async function askFolder(terminal: Terminal): Promise<string> {
  const { text } = await import('@clack/prompts');
  const answer = await text({
    ...terminal,
    message: 'Where is the plugin to be made?',
    placeholder: 'my-plugin',
    defaultValue: 'my-plugin',
  });
  return answered(answer);
}

/**
 * Asks for the language of the plugin.
 *
 * @throws {UsageError} if the user gives up
 */
export async function askLanguage(terminal: Terminal): Promise<string> {
  const { select } = await import('@clack/prompts');
  const options = languageNames.map((value) => ({ value, label: value }));
  const answer = await select({ ...terminal, message: 'Which language is the plugin in?', options });
  return answered(answer);
}

/** A symbol stands for Ctrl-C. */
function answered(answer: string | symbol): string {
  if (typeof answer === 'symbol') {
    throw new UsageError('nothing was made');
  }
  return answer;
}
