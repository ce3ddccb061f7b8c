import type { Command } from 'commander';
import type { StatusSnapshot } from 'hookcell/status';

import { exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { addHelp, withExit } from '../shared/command.js';
import { checkStatus } from './check-status.js';
import { describeStatus } from './status-report.js';
import { Output } from '../terminal/output.js';

/** The longest wait for a server, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** The longest status that is read, in bytes. */
const MOST_BYTES = 64 * 1_024 * 1_024;

/** `hookcell status`: the status of a server, which `hookcell/status` serves. */
export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .summary('show the status of a server')
    .description(
      'Shows the status of a server: its plugins, how their calls ended, and the last failures. The server serves it with createStatus of hookcell/status.',
    )
    .argument('<url>', 'where the server serves its status')
    .option('--header <name: value...>', 'send this header, such as one that authorizes you')
    .option('--json', 'write JSON to standard output');
  addHelp(command, ['ok', 'usage'], 'hookcell status http://localhost:3000/internal/hookcell');
  command.action(withExit(showStatus));
}

async function showStatus(url: string, options: { header?: string[]; json?: true }): Promise<ExitCode> {
  const output = new Output(options.json === true);
  const snapshot = await fetchStatus(url, headersOf(options.header));
  output.result(snapshot);
  output.print(describeStatus(snapshot, output.paint));
  return exitCodes.ok;
}

function headersOf(lines: readonly string[] = []): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`--header takes a name and a value, such as 'authorization: Bearer …', got '${line}'`);
    }
    headers.append(name.trim(), value);
  }
  return headers;
}

async function fetchStatus(url: string, headers: Headers): Promise<StatusSnapshot> {
  let text: string;
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await textOf(response);
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new UsageError(`the server at ${url} does not respond: ${reason}`);
  }
  return await checkStatus(url, text);
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) {
      throw new Error(`its response has more than ${MOST_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
