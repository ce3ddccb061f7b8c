import { rename, rm, writeFile } from 'node:fs/promises';

import { InvalidArgumentError, Option } from 'commander';
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
    .addOption(serialOption())
    .option('--json', 'write JSON to standard output');
  addHelp(command, ['ok', 'usage'], 'hookcell sign plugins.json --key plugins-key.private.pem');
  command.action(withExit(sign));
}

/** A server refuses a manifest with a lower number than one that it has taken. */
function serialOption(): Option {
  const description =
    'the serial number, 0 to 2^53 - 1: no lower than that of the last manifest (default: the time in milliseconds since 1970)';
  return new Option('--serial <number>', description).argParser((text) => {
    const serial = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(serial)) {
      throw new InvalidArgumentError(`it must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
    }
    return serial;
  });
}

async function sign(file: string, options: { key: string; serial?: number; json?: true }): Promise<ExitCode> {
  const output = new Output(options.json === true);
  const [manifest, key] = await Promise.all([readBytes(file), readBytes(options.key)]);
  const signature = signed(manifest, key.toString(), options);
  const target = `${file}.sig`;
  await replace(target, signature);
  const { keyId, serial } = JSON.parse(signature) as { keyId: string; serial: number };
  output.result({ output: target, keyId, serial });
  output.print(`${shown(target)} is written (key ${keyId}, serial number ${serial})`);
  return exitCodes.ok;
}

function signed(manifest: Uint8Array, key: string, { key: file, serial }: { key: string; serial?: number }): string {
  try {
    return signManifest(manifest, key, { serial });
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
