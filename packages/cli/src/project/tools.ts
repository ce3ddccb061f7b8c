import { UsageError } from '../exit.js';
import type { Language, Tool } from '../languages/language.js';

/** A tool that was looked for. */
export interface ToolState {
  readonly name: string;
  /** Missing if it was not found. */
  readonly version?: string;
  readonly install: string;
}

/** Looks for tools. */
export function lookFor(tools: readonly Tool[], folder: string): Promise<ToolState[]> {
  return Promise.all(
    tools.map(async ({ name, install, find }) => {
      const version = await find(folder);
      return version === undefined ? { name, install } : { name, install, version };
    }),
  );
}

/** @throws {UsageError} that says how to install what a language needs and this machine does not have */
export async function requireTools({ name, tools }: Language, folder: string): Promise<void> {
  for (const alternatives of tools) {
    const states = await lookFor(alternatives, folder);
    if (states.every(({ version }) => version === undefined)) {
      const lines = states.map((state) => `\n  ${state.install}`).join('\n  or');
      throw new UsageError(
        `${states.map((state) => state.name).join(' or ')} is missing, which ${name} needs. Install it:${lines}`,
      );
    }
  }
}
