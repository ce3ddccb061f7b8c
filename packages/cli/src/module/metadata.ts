import { contentOf } from './sections.js';
import type { Section } from './sections.js';

/** The custom section with a plugin's description of itself. */
export const METADATA_SECTION = 'hookcell.meta';

/** The most bytes of the section. */
export const MOST_METADATA_BYTES = 65_536;

/** How a plugin describes itself. Anyone can write it, so it proves nothing. */
export interface Metadata {
  name?: string;
  version?: string;
  description?: string;
  /** What the plugin says it needs. */
  needs?: { fuel?: number; memoryPages?: number };
  /** A JSON Schema of the configuration. */
  configSchema?: object;
}

/** Reads the description, or says why it cannot be read. */
export function readMetadata(
  module: Uint8Array,
  sections: readonly Section[],
): { metadata?: Metadata; problem?: string } {
  const section = sections.find(({ name }) => name === METADATA_SECTION);
  if (section === undefined) {
    return {};
  }
  const length = section.end - section.start;
  if (length > MOST_METADATA_BYTES) {
    return { problem: `${METADATA_SECTION} has ${length} bytes; the most is ${MOST_METADATA_BYTES}` };
  }
  try {
    const value: unknown = JSON.parse(contentOf(module, section).rest());
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { problem: `${METADATA_SECTION} is not a JSON object` };
    }
    return { metadata: value as Metadata };
  } catch {
    return { problem: `${METADATA_SECTION} is not JSON` };
  }
}
