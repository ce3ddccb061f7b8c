import type { Command } from 'commander';

import { exitCodes } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { addHelp, withExit } from '../shared/command.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `hookcell completions`: a script for a shell, made from the commands and their options. */
export function addCompletions(program: Command): void {
  const command = program
    .command('completions')
    .summary('write a completion script for a shell')
    .description('Writes a script that completes the commands and options of hookcell in a shell.');
  command.addArgument(command.createArgument('<shell>', 'the shell').choices(SHELLS));
  addHelp(
    command,
    ['ok', 'usage'],
    'hookcell completions bash >> ~/.bashrc',
    'hookcell completions fish > ~/.config/fish/completions/hookcell.fish',
  );
  command.action(
    withExit((shell: (typeof SHELLS)[number]): Promise<ExitCode> => {
      process.stdout.write(scripts[shell](wordsOf(program)));
      return Promise.resolve(exitCodes.ok);
    }),
  );
}

/** The options of each command, by its name. */
type Words = ReadonlyMap<string, readonly string[]>;

function wordsOf(program: Command): Words {
  const entries = program.commands.map((command) => {
    const long = command.options.flatMap((option) => option.long ?? []);
    return [command.name(), [...long, '--help']] as const;
  });
  return new Map(entries);
}

const scripts: Record<(typeof SHELLS)[number], (words: Words) => string> = { bash, zsh, fish };

function bash(words: Words): string {
  const cases = [...words].map(([name, options]) => `    ${name}) words="${options.join(' ')}" ;;`);
  return `_hookcell() {
  local words="${[...words.keys()].join(' ')} --help --version"
  if [ "$COMP_CWORD" -gt 1 ]; then
    case "\${COMP_WORDS[1]}" in
${cases.map((each) => `  ${each}`).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _hookcell hookcell
`;
}

/** zsh runs completions of bash. */
function zsh(words: Words): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
}

function fish(words: Words): string {
  const names = [...words.keys()];
  const commands = names.map((name) => `complete -c hookcell -n __fish_use_subcommand -a ${name}`);
  const options = [...words].flatMap(([name, each]) =>
    each.map((option) => `complete -c hookcell -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`),
  );
  return `${[...commands, ...options].join('\n')}\n`;
}
