/**
 * What a plugin says that a call of it needs, in its section `hookcell.limits`. It replaces the built-in defaults of the host, and
 * whatever the server sets replaces it. An interpreter needs more fuel than compiled languages.
 */
export interface DeclaredLimits {
  /** Fuel of a call. Default 50,000,000, which is about 6 ms, 1 to 1,000,000,000. */
  maxFuel?: number | undefined;
  /** Fuel that is added for each byte of the context. Default 5,000, 0 to 10,000. */
  fuelPerContextByte?: number | undefined;
  /**
   * Memory of a call in WebAssembly pages of 64 KiB. By default this is not declared, so that the host's 256 hold, unless the
   * plugin begins with more than 192: then it is 64 more than that. 1 to 1,024.
   */
  maxMemoryPages?: number | undefined;
  /** Time of a call in milliseconds. By default this is not declared, so that the host's 1,000 hold. 1 to 1,000. */
  timeoutMs?: number | undefined;
}

const bounds = {
  maxFuel: { least: 1, most: 1_000_000_000 },
  fuelPerContextByte: { least: 0, most: 10_000 },
  maxMemoryPages: { least: 1, most: 1_024 },
  timeoutMs: { least: 1, most: 1_000 },
} as const;

type Name = keyof typeof bounds;

const defaults = { maxFuel: 50_000_000, fuelPerContextByte: 5_000 };

/** The pages that the host gives by default, and how many of them a plugin should find free. */
const hostPages = 256;
const freePages = 64;

/** Checked limits, without what is left out. */
export type ParsedLimits = { [Each in Name]?: number };

/** @throws {TypeError | RangeError} if a limit is unknown, no whole number or out of bounds */
export function parseDeclared(given: DeclaredLimits): ParsedLimits {
  const parsed: ParsedLimits = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(bounds, name)) {
      throw new TypeError(`declares has no ${name}; there are ${Object.keys(bounds).join(', ')}`);
    }
    const { least, most } = bounds[name as Name];
    if (value !== undefined && typeof value !== 'number') {
      throw new TypeError(`declares.${name} must be a number`);
    }
    if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most)) {
      throw new RangeError(`declares.${name} must be a whole number from ${least} to ${most}, got ${value}`);
    }
    if (value !== undefined) {
      parsed[name as Name] = value;
    }
  }
  return parsed;
}

/**
 * The content of the section.
 *
 * @param pages the memory that the plugin begins with
 */
export function declaration(limits: ParsedLimits, pages: number): string {
  const grown = Math.min(pages + freePages, bounds.maxMemoryPages.most);
  const needed = grown > hostPages ? { maxMemoryPages: grown } : {};
  const all: ParsedLimits = { ...needed, ...limits };
  // In one order, so that the same limits are the same bytes.
  return JSON.stringify(all, Object.keys(bounds));
}
