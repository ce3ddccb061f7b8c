import { rename, rm, writeFile } from 'node:fs/promises';

import type { Command } from 'commander';
import { signManifest } from 'hookcell/plugins';

import { exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { readBytes } from '../input/files.js';
import { addHelp, withExit } from '../shared/command.js';
import { Output } from '../terminal/output.js';
import { shown } from '../terminal/shown-text.js';

/** `hookcell sign`: signs the manifest of a plugin set. */
export function addSign(program: Command): void {
  const command = program
    .command('sign')
    .summary('sign the manifest of a plugin set')
    .description('Signs the manifest of a plugin set, and writes the signature beside it: plugins.json.sig.')
    .argument('<plugins.json>', 'the manifest')
    .requiredOption('--key <file>', 'the private key that keygen made')
    .option('--json', 'write JSON to standard output');
  addHelp(command, ['ok', 'usage'], 'hookcell sign plugins.json --key plugins-key.private.pem');
  command.action(withExit(sign));
}

async function sign(file: string, options: { key: string; json?: true }): Promise<ExitCode> {
  const output = new Output(options.json === true);
  const [manifest, key] = await Promise.all([readBytes(file), readBytes(options.key)]);
  const signature = signed(manifest, key.toString(), options.key);
  const target = `${file}.sig`;
  await replace(target, signature);
  const { keyId } = JSON.parse(signature) as { keyId: string };
  output.result({ output: target, keyId });
  output.print(`${shown(target)} is written (key ${keyId})`);
  return exitCodes.ok;
}

function signed(manifest: Uint8Array, key: string, file: string): string {
  try {
    return signManifest(manifest, key);
  } catch (error) {
    throw new UsageError(`${shown(file)}: ${(error as Error).message}`);
  }
}

/** A server that watches the folder sees the old signature or the new one. */
async function replace(file: string, content: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, content);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw new UsageError(`cannot write ${shown(file)}: ${(error as Error).message}`);
  }
}
