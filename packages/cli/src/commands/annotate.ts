import { rename, rm, writeFile } from 'node:fs/promises';

import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { limitDescriptions } from 'hookcell';
import type { LimitName } from 'hookcell';

import { exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { expectOneStdin, named, readBytes, readJson, STDIN } from '../input/files.js';
import { withCustomSection } from '../module/custom-section.js';
import { MalformedModule } from '../module/malformed-module.js';
import { METADATA_SECTION, MOST_METADATA_BYTES, readMetadata } from '../module/metadata.js';
import type { Metadata } from '../module/metadata.js';
import { readSections } from '../module/sections.js';
import { checkSchema } from '../schema/check-schema.js';
import { Output } from '../terminal/output.js';
import { shown, shownJson } from '../terminal/shown-text.js';
import { addHelp, withExit } from '../shared/command.js';

interface AnnotateOptions {
  name?: string;
  pluginVersion?: string;
  description?: string;
  needsFuel?: number;
  needsMemoryPages?: number;
  configSchema?: string;
  output?: string;
  json?: true;
}

const MOST_CHARACTERS = { name: 100, version: 100, description: 1_000 };

/** `hookcell annotate`: writes what a plugin says about itself. */
export function addAnnotate(program: Command): void {
  const command = program
    .command('annotate')
    .summary('write into a plugin what it says about itself')
    .description(
      `Writes into a plugin what it says about itself, as the custom section ${METADATA_SECTION}. What is not given stays as it ` +
        'was. `inspect` shows it. It proves nothing, because anyone can write it.',
    )
    .argument('<plugin.wasm>', 'the plugin; - is standard input')
    .option('--name <text>', 'its name', parseText('name'))
    .option('--plugin-version <text>', 'its version', parseText('version'))
    .option('--description <text>', 'what it does', parseText('description'))
    .option('--needs-fuel <number>', 'the fuel that a call needs', parseNeed('maxFuel'))
    .option('--needs-memory-pages <number>', 'the pages of memory that it needs', parseNeed('maxMemoryPages'))
    .option('--config-schema <file>', 'a JSON Schema of its configuration; - is standard input')
    .option('-o, --output <file>', 'where the plugin goes; by default it replaces the one that is read')
    .option('--json', 'write JSON to standard output');
  addHelp(
    command,
    ['ok', 'usage'],
    'hookcell annotate plugin.wasm --name orders --plugin-version 1.2.0 --needs-fuel 200000',
  );
  command.action(withExit(annotate));
}

async function annotate(file: string, options: AnnotateOptions): Promise<ExitCode> {
  expectOneStdin(file, options.configSchema);
  const output = new Output(options.json === true);
  const target = options.output ?? file;
  if (target === STDIN) {
    throw new UsageError('a plugin from standard input needs --output');
  }
  const module = await readBytes(file);
  const metadata = { ...readBefore(module, file), ...(await chosen(options)) };
  const text = JSON.stringify(metadata);
  if (Buffer.byteLength(text) > MOST_METADATA_BYTES) {
    throw new UsageError(`it takes ${Buffer.byteLength(text)} bytes; the most is ${MOST_METADATA_BYTES}`);
  }
  await replace(target, withCustomSection(module, METADATA_SECTION, text));
  output.result({ output: target, metadata });
  output.print(`${output.paint('green', 'annotated')} ${shown(target)}\n${shownJson(metadata, 2)}`);
  return exitCodes.ok;
}

function readBefore(module: Uint8Array, file: string): Metadata {
  try {
    return readMetadata(module, readSections(module)).metadata ?? {};
  } catch (error) {
    if (error instanceof MalformedModule) {
      throw new UsageError(`${named(file)} is no module: ${error.message}`);
    }
    throw error;
  }
}

async function chosen(options: AnnotateOptions): Promise<Metadata> {
  const { name, pluginVersion: version, description, needsFuel: fuel, needsMemoryPages: memoryPages } = options;
  const needs = defined({ fuel, memoryPages });
  const configSchema = options.configSchema === undefined ? undefined : await readJson(options.configSchema);
  if (configSchema !== undefined) {
    await checkSchema(configSchema, named(options.configSchema ?? ''));
  }
  return defined({
    name,
    version,
    description,
    needs: Object.keys(needs).length === 0 ? undefined : needs,
    configSchema,
  });
}

function defined(values: Record<string, unknown>): Metadata {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

async function replace(file: string, content: Uint8Array): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, content);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw new UsageError(`cannot write ${shown(file)}: ${(error as Error).message}`);
  }
}

function parseText(what: keyof typeof MOST_CHARACTERS): (text: string) => string {
  return (text) => {
    if (text === '' || text.length > MOST_CHARACTERS[what] || shown(text) !== text) {
      throw new InvalidArgumentError(`It must be a line of 1 to ${MOST_CHARACTERS[what]} visible characters.`);
    }
    return text;
  };
}

function parseNeed(name: LimitName): (text: string) => number {
  return (text) => {
    const { min, max } = limitDescriptions.find((limit) => limit.name === name) as { min: number; max: number };
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}
