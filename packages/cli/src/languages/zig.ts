import { kitArguments, kitFile, kitFolder } from './kit.js';
import type { Language, Tool } from './language.js';
import { packageManifest } from './package-manifest.js';
import { compile, runProgram, versionOf } from './program.js';

/** Zig changes from release to release. */
const RELEASE = '0.17.1';

/** Ways to run Zig: its own program, or the package of PyPI. */
const COMMANDS = [['zig'], ['python3', '-m', 'ziglang'], ['python', '-m', 'ziglang']] as const;

/** Zig as a tool, which compiles C too. */
export const zigTool: Tool = {
  name: `Zig ${RELEASE}`,
  install: `pip install ziglang==${RELEASE}`,
  async find(folder) {
    const command = await zigCommand(folder);
    return command && versionOf(command[0], [...command.slice(1), 'version'], folder);
  },
};

/** How to run Zig, if it is there. */
export async function zigCommand(folder: string): Promise<readonly [string, ...string[]] | undefined> {
  for (const command of COMMANDS) {
    const [program, ...args] = command;
    const ended = await runProgram(program, [...args, 'version'], folder);
    if (ended?.code === 0) {
      return command;
    }
  }
  return undefined;
}

/** Has Zig compile something. */
export async function compileWithZig(args: readonly string[], folder: string): Promise<void> {
  const [program, ...before] = (await zigCommand(folder)) ?? COMMANDS[0];
  await compile(program, [...before, ...args], folder);
}

export const zig: Language = {
  name: 'zig',
  entry: 'src/plugin.zig',
  tools: [[zigTool]],

  async build({ entry, output, folder }) {
    const args = kitArguments('zig').map((arg) => (arg.startsWith('-Mroot=') ? `-Mroot=${entry}` : arg));
    await compileWithZig(['build-exe', ...args, `-femit-bin=${output}`], folder);
  },

  files: (name) => ({
    'package.json': packageManifest(name),
    'src/plugin.zig': kitFile('zig', 'closed_on_sundays.zig'),
    ...kitFolder('zig/hookcell', 'hookcell'),
  }),
};
