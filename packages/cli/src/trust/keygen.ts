import { rm, writeFile } from 'node:fs/promises';

import type { Command } from 'commander';
import { generateSigningKeys } from 'hookcell/plugins';

import { exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { addHelp, withExit } from '../shared/command.js';
import { Output } from '../terminal/output.js';
import { shown } from '../terminal/shown-text.js';

/** `hookcell keygen`: a pair of keys for signing manifests. */
export function addKeygen(program: Command): void {
  const command = program
    .command('keygen')
    .summary('make a pair of keys for signing manifests')
    .description(
      'Makes a pair of Ed25519 keys: NAME.private.pem signs manifests and must stay secret, and NAME.public.json is a list of trusted keys for servers.',
    )
    .requiredOption('--out <name>', 'the beginning of the names of both files, which must not exist')
    .option('--json', 'write JSON to standard output');
  addHelp(command, ['ok', 'usage'], 'hookcell keygen --out plugins-key');
  command.action(withExit(keygen));
}

async function keygen(options: { out: string; json?: true }): Promise<ExitCode> {
  const output = new Output(options.json === true);
  const { privateKey, publicKey, keyId } = generateSigningKeys();
  const files = { privateKey: `${options.out}.private.pem`, publicKey: `${options.out}.public.json` };
  await writeNew(files.privateKey, privateKey);
  try {
    await writeNew(files.publicKey, `${JSON.stringify([{ keyId, publicKey }], undefined, 2)}\n`);
  } catch (error) {
    await rm(files.privateKey, { force: true });
    throw error;
  }
  output.result({ keyId, files });
  output.print(
    `${shown(files.privateKey)} signs; keep it secret\n${shown(files.publicKey)} is for servers (key ${keyId})`,
  );
  return exitCodes.ok;
}

/** A key is never overwritten, and only its user can read it. */
async function writeNew(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new UsageError(`cannot write ${shown(file)}: ${(error as Error).message}`);
  }
}
