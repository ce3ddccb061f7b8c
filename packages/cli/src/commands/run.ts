import type { Command } from 'commander';
import type { HookContext, WasmRuntime } from 'hookcell';
import { touchedBytes } from 'hookcell/testing';

import { openRuntime } from '../calls/author-runtime.js';
import { callJson, describeCall } from '../calls/call-report.js';
import { contextBytes, makeCall } from '../calls/call.js';
import type { Call, CallMade } from '../calls/call.js';
import { exitCodeOf, kindOf } from '../calls/outcome.js';
import { PluginFile } from '../calls/plugin-file.js';
import { exitCodes } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { expectOneStdin, readJson } from '../input/files.js';
import { addGrantFlags, chosenGrants } from '../input/grant-flags.js';
import type { GrantFlags } from '../input/grant-flags.js';
import { addLimitFlags, chosenLimits, limitsInForce } from '../input/limit-flags.js';
import { writeProfile } from '../profile/profile-file.js';
import { counted } from '../terminal/numbers.js';
import { Output } from '../terminal/output.js';
import { shown } from '../terminal/shown-text.js';
import { addHelp, withExit } from '../shared/command.js';

interface RunOptions extends GrantFlags {
  hook: string;
  context: string;
  profile?: string;
  json?: true;
}

/** `hookcell run`: makes one call, and shows its result, its changes, its log and what it used. */
export function addRun(program: Command): void {
  const command = program
    .command('run')
    .summary('call a hook of a plugin, and show everything about the call')
    .description('Calls a hook of a plugin, and shows the result, what changed, the log, and what the call used.')
    .argument('<plugin.wasm>', 'the plugin; - is standard input')
    .option('--hook <name>', 'the hook to call', 'before_hook')
    .requiredOption('--context <file>', 'the context as JSON; - is standard input')
    .option('--profile <file>', 'write where the fuel goes, for https://www.speedscope.app; makes the call many times')
    .option('--json', 'write JSON to standard output');
  addLimitFlags(addGrantFlags(command));
  addHelp(
    command,
    ['ok', 'failed', 'usage', 'fault', 'refused'],
    'hookcell run plugin.wasm --context order.json',
    `echo '{"input":{"email":"A@B.c"}}' | hookcell run plugin.wasm --context - --max-fuel 200000 --json`,
  );
  command.action(withExit(run));
}

async function run(file: string, options: RunOptions): Promise<ExitCode> {
  expectOneStdin(file, options.context, options.config);
  const output = new Output(options.json === true);
  const context = (await readJson(options.context)) as HookContext;
  const plugin = await PluginFile.read(file);
  const limits = chosenLimits({ ...options });
  const grants = await chosenGrants(options);
  const runtime = openRuntime();
  try {
    const { hook } = options;
    const made = await makeCall(runtime, plugin, { hook, context, limits, grants });
    if ('refused' in made.outcome) {
      output.result(made.outcome);
      output.refused(made.outcome.refused);
      return exitCodes.refused;
    }
    const touched = measureTouched(runtime, made, { hook, context, grants });
    const call = {
      ...made,
      ...(touched === undefined ? {} : { touched }),
      plugin,
      hook,
      context,
      limits: limitsInForce(limits, made.info?.declaredLimits, contextBytes(context, grants)),
    };
    const profile =
      options.profile === undefined ? undefined : await writeProfile(runtime, call, grants, options.profile);
    output.result({ ...callJson(call), ...(profile === undefined ? {} : { profile }) });
    output.print(() => describeCall(call, output.paint));
    if (profile !== undefined) {
      output.print(`profile ${counted(profile.samples, 'sample')} in ${shown(profile.file)}`);
    } else if (options.profile !== undefined) {
      output.tell('no profile was written, because the trap lost how much fuel the call used');
    }
    return exitCodeOf[kindOf(made.outcome)];
  } finally {
    await runtime.close({ interrupt: true });
  }
}

/** How much memory the call writes to, by another call with what this one got. A call that failed is not made again. */
function measureTouched(
  runtime: WasmRuntime,
  { outcome, info, granted }: CallMade,
  { hook, context, grants }: Omit<Call, 'limits'>,
): number | undefined {
  if (info === undefined || 'fault' in outcome) {
    return undefined;
  }
  const { config } = grants;
  return touchedBytes(runtime, info.key, hook, context, { ...granted, ...(config === undefined ? {} : { config }) });
}
