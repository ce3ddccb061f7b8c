import { fork } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a script in a process of its own, for what can be measured once in a process only.
 *
 * @param {URL} script sends one message and ends
 * @param {unknown[]} args
 * @param {import('node:child_process').ForkOptions} [options]
 * @returns {Promise<any>} the message
 */
export async function measureInChild(script, args, options) {
  const child = fork(script, args.map(String), options);
  let figures;
  child.once('message', (message) => (figures = message));
  const [code, signal] = await once(child, 'exit');
  if (figures === undefined || code !== 0) {
    throw new Error(`${script.pathname} ${args.join(' ')} ended with ${signal ?? `exit code ${code}`}`);
  }
  return figures;
}
