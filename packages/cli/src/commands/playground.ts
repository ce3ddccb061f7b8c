import type { Command } from 'commander';
import type { HookContext } from 'hookcell';

import { exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { readJson, STDIN } from '../input/files.js';
import { addGrantFlags, chosenGrants } from '../input/grant-flags.js';
import type { GrantFlags } from '../input/grant-flags.js';
import { addLimitFlags, chosenLimits } from '../input/limit-flags.js';
import { PluginSession } from '../playground/plugin-session.js';
import { Playground } from '../playground/playground.js';
import { PlaygroundServer } from '../playground/server.js';
import { Output } from '../terminal/output.js';
import { addHelp, withExit } from '../shared/command.js';
import { watchFiles } from '../shared/watch.js';

interface PlaygroundOptions extends GrantFlags {
  context?: string;
  hook: string;
  fixtures: string;
  json?: true;
}

const FIRST_CONTEXT: HookContext = { input: {}, data: null, user: null, headers: {}, tenant_id: null };

/** `hookcell playground`: a local page to call a plugin from. */
export function addPlayground(program: Command): void {
  const command = program
    .command('playground')
    .summary('open a local page to call a plugin from')
    .description(
      'Serves a page to edit a context, call the plugin, see the result, what changed, the log and what the call used, and save ' +
        'the call as a fixture. Only this machine can reach it, and only with the address that this command writes. The page ' +
        'reloads the plugin when its file changes. Ends with Ctrl-C.',
    )
    .argument('<plugin.wasm>', 'the plugin')
    .option('--context <file>', 'the context that the page begins with, as JSON; - is standard input')
    .option('--hook <name>', 'the hook that the page begins with', 'before_hook')
    .option('--fixtures <folder>', 'where the page finds and saves fixtures', 'fixtures')
    .option('--json', 'write JSON to standard output');
  addLimitFlags(addGrantFlags(command));
  addHelp(command, ['ok', 'usage'], 'hookcell playground plugin.wasm --context order.json');
  command.action(withExit(playground));
}

async function playground(file: string, options: PlaygroundOptions): Promise<ExitCode> {
  if (file === STDIN) {
    throw new UsageError('the plugin must be a file, because it is read again when it changes');
  }
  const output = new Output(options.json === true);
  const { hook } = options;
  const context = options.context === undefined ? FIRST_CONTEXT : await readContext(options.context);
  const session = await PluginSession.open(file, chosenLimits({ ...options }));
  const page = new Playground(session, options.fixtures, {
    name: 'start',
    hook,
    context,
    ...(await chosenGrants(options)),
  });
  const server = await PlaygroundServer.start(page);
  let isOpen = false;
  await watchFiles({ files: [file] }, async () => {
    if (!isOpen) {
      isOpen = true;
      output.result({ url: server.url });
      output.print(`${output.paint('green', 'open')} ${server.url}`);
      output.tell(output.paintError('dim', 'only this machine can reach it; Ctrl-C ends it'));
    }
    if (await session.refresh()) {
      server.tellChange();
    }
  });
  await server.close();
  return exitCodes.ok;
}

async function readContext(file: string): Promise<HookContext> {
  const value = await readJson(file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${file} is not a context: it must be an object`);
  }
  return value as HookContext;
}
