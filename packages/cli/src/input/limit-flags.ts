import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { limitDescriptions } from 'hookcell';
import type { DeclaredLimits, LimitDescription, LimitName, SandboxLimits } from 'hookcell';

import { count } from '../terminal/numbers.js';

/** Limits that an author sets, by name. */
export type ChosenLimits = Partial<Record<LimitName, number>>;

/** Adds one flag for each limit of the host, such as `--max-fuel` for `maxFuel`. */
export function addLimitFlags(command: Command): Command {
  for (const limit of limitDescriptions) {
    const { name, default: byDefault, min, max } = limit;
    const description = `default ${count(byDefault)}, ${count(min)} to ${count(max)}`;
    const option = command.createOption(`--${kebab(name)} <number>`, description);
    command.addOption(option.helpGroup('Limits:').argParser((text) => parseLimit(limit, text)));
  }
  return command;
}

/** The limits among the options of a command. */
export function chosenLimits(options: Record<string, unknown>): ChosenLimits {
  const chosen: ChosenLimits = {};
  for (const { name } of limitDescriptions) {
    if (options[name] !== undefined) {
      chosen[name] = options[name] as number;
    }
  }
  return chosen;
}

/**
 * The limits in force for a call: the chosen ones, then those that the plugin declares, then the defaults. The fuel grows with
 * the context, unless it is chosen.
 */
export function limitsInForce(
  chosen: SandboxLimits,
  { fuelPerContextByte = FUEL_PER_CONTEXT_BYTE, ...declared }: DeclaredLimits = {},
  contextBytes = 0,
): Record<LimitName, number> {
  const defaults = Object.fromEntries(limitDescriptions.map(({ name, default: byDefault }) => [name, byDefault]));
  const own = { ...defaults, ...declared } as Record<LimitName, number>;
  return { ...own, maxFuel: own.maxFuel + fuelPerContextByte * contextBytes, ...chosen } as Record<LimitName, number>;
}

const FUEL_PER_CONTEXT_BYTE = 1_000;

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function parseLimit({ min, max }: LimitDescription, text: string): number {
  const value = /^[\d_,]+$/.test(text) ? Number(text.replaceAll(/[_,]/g, '')) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new InvalidArgumentError(`It must be a whole number from ${count(min)} to ${count(max)}.`);
  }
  return value;
}
