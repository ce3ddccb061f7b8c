import { readFile } from 'node:fs/promises';

import type { Command } from 'commander';
import { verifyManifest } from 'hookcell/plugins';
import type { ManifestTrust, TrustedKey } from 'hookcell/plugins';

import { exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { readBytes, readJson } from '../input/files.js';
import { addHelp, withExit } from '../shared/command.js';
import { Output } from '../terminal/output.js';
import { shown } from '../terminal/shown-text.js';

/** `hookcell verify`: says how far a manifest can be trusted. */
export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .summary('say how far the manifest of a plugin set can be trusted')
    .description(
      'Says how far the manifest of a plugin set can be trusted: unsigned, invalid, modified or signed. Exits with 1 unless it is signed.',
    )
    .argument('<plugins.json>', 'the manifest; its signature is beside it, in plugins.json.sig')
    .requiredOption('--trusted <file>', 'a JSON list of trusted keys, such as the one that keygen made')
    .option('--json', 'write JSON to standard output');
  addHelp(command, ['ok', 'failed', 'usage'], 'hookcell verify plugins.json --trusted plugins-key.public.json');
  command.action(withExit(verify));
}

async function verify(file: string, options: { trusted: string; json?: true }): Promise<ExitCode> {
  const output = new Output(options.json === true);
  const [manifest, keys] = await Promise.all([readBytes(file), readJson(options.trusted)]);
  const trust = verified(manifest, await signatureOf(file), keys, options.trusted);
  output.result(trust);
  const serial = trust.serial === undefined ? '' : `, serial number ${trust.serial}`;
  const key = trust.keyId === undefined ? '' : ` (key ${trust.keyId}${serial})`;
  const color = trust.status === 'signed' ? 'green' : 'red';
  output.print(`${output.paint(color, trust.status)}: the ${trust.check}${key}`);
  return trust.status === 'signed' ? exitCodes.ok : exitCodes.failed;
}

async function signatureOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(`${file}.sig`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw new UsageError(`cannot read ${shown(file)}.sig: ${(error as Error).message}`);
  }
}

function verified(manifest: Uint8Array, signature: string | undefined, keys: unknown, file: string): ManifestTrust {
  try {
    return verifyManifest(manifest, signature, keys as readonly TrustedKey[]);
  } catch (error) {
    throw new UsageError(`${shown(file)}: ${(error as Error).message}`);
  }
}
