import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { CommandError } from '../build/command.mjs';
import { readBounds } from './bounds.mjs';
import { code, optionTables, table } from './option-table.mjs';
import { PublicTypes } from './public-types.mjs';

/** The page, from the root of the repository. */
export const optionsPageFile = 'docs/options.md';

/** Where a limit can be set: the types of the options, and their names on the page. */
const levels = [
  ['SandboxConfig', 'runtime'],
  ['LoadOptions', 'load'],
  ['CallOptions', 'call'],
];

/**
 * The text of docs/options.md: every option of the package, and its error codes, read from the code.
 *
 * @throws {CommandError} if a limit has no bounds, or if its documentation differs from the code
 */
export function optionsPage() {
  const types = new PublicTypes();
  const bounds = readBounds();
  const tables = { ...limitTables(types, bounds), ...adapterTables(types, bounds), ...codeTables() };
  return fill(readFileSync(path.join(import.meta.dirname, 'options.template.md'), 'utf8'), tables);
}

function limitTables(types, bounds) {
  const known = levels.map(([type, level]) => [level, types.options(type).map(({ name }) => name)]);
  const levelsOf = (option) => known.flatMap(([level, names]) => (names.includes(option) ? [level] : [])).join(', ');
  const limits = types.options('SandboxLimits');
  const runtime = [...types.options('QueueOptions'), ...types.own('SandboxConfig', 'SandboxLimits', 'QueueOptions')];
  const isolate = types.options('IsolateOptions');
  const record = types.options('RecordOptions');
  requireBounds([...limits, ...runtime], bounds);
  requirePerCall(limits, bounds, (option) => levelsOf(option).includes('call'));
  requireBounds(isolate, bounds, 'isolate.');
  requireBounds(
    record.filter(({ name }) => name.startsWith('max')),
    bounds,
    'record.',
  );
  return {
    limits: optionTables(limits, bounds, { levels: levelsOf }),
    runtime: optionTables(runtime, bounds),
    record: optionTables(record, bounds, { prefix: 'record.' }),
    load: optionTables(types.own('LoadOptions', 'SandboxLimits'), bounds),
    isolate: optionTables(isolate, bounds, { prefix: 'isolate.' }),
    call: optionTables(types.own('CallOptions', 'SandboxLimits', 'QueueOptions'), bounds),
    close: optionTables(types.options('CloseOptions'), bounds),
  };
}

function adapterTables(types, bounds) {
  const circuitBreaker = types.options('CircuitBreakerOptions');
  requireBounds(circuitBreaker, bounds, 'circuitBreaker.');
  const nest = [...types.options('HookcellModuleOptions'), ...types.options('HookcellModuleExtras')];
  return {
    operation: optionTables(types.options('OperationOptions'), bounds),
    hooks: optionTables(types.own('HookOptions', 'OperationOptions'), bounds),
    plugin: optionTables(types.own('PluginStep', 'SandboxLimits'), bounds),
    schema: optionTables(types.options('HookSchemas'), bounds),
    circuitBreaker: optionTables(circuitBreaker, bounds, { prefix: 'circuitBreaker.' }),
    reject: optionTables(types.options('RejectOptions'), bounds),
    fastify: optionTables(types.own('HookcellOptions', 'RouteHooks'), bounds),
    route: optionTables(types.own('RouteHooks', 'HookOptions'), bounds),
    nest: optionTables(nest, bounds),
    ...queueTables(types, bounds),
    ...pluginSetTables(types, bounds),
  };
}

function queueTables(types, bounds) {
  const tables = {
    hookQueue: ['HookQueueOptions', 'createHookQueue.'],
    hookWorker: ['HookWorkerOptions', 'createHookWorker.'],
  };
  return Object.fromEntries(
    Object.entries(tables).map(([name, [type, prefix]]) => {
      const options = types.options(type);
      requireBounds(options, bounds, prefix);
      return [name, optionTables(options, bounds, { prefix })];
    }),
  );
}

function pluginSetTables(types, bounds) {
  const set = types.options('PluginSetOptions');
  const watch = types.options('WatchOptions');
  requireBounds(set, bounds);
  requireBounds(watch, bounds, 'watch.');
  return { pluginSet: optionTables(set, bounds), watch: optionTables(watch, bounds, { prefix: 'watch.' }) };
}

function codeTables() {
  const { errorCodes, faultCodes } = createRequire(import.meta.url)('../../index.js');
  return { errorCodes: codeTable(errorCodes), faultCodes: codeTable(faultCodes) };
}

function codeTable(meanings) {
  return table(
    ['Code', 'Meaning'],
    Object.entries(meanings).map(([name, text]) => [code(name), text]),
  );
}

/** The types and the addon agree on the limits that a single call can set. */
function requirePerCall(limits, bounds, isPerCall) {
  const wrong = limits.find(({ name }) => bounds.get(name).perCall !== isPerCall(name));
  if (wrong !== undefined) {
    throw new CommandError(`the types and the addon differ on whether a call can set ${wrong.name}`);
  }
}

function requireBounds(options, bounds, prefix = '') {
  const missing = options.find(({ name, isNumber }) => isNumber && !bounds.has(prefix + name));
  if (missing !== undefined) {
    throw new CommandError(`no bounds are found for the option ${prefix}${missing.name}`);
  }
}

/** The template with each `{{name}}` replaced by the table of that name. */
function fill(template, tables) {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => tables[name]);
}
