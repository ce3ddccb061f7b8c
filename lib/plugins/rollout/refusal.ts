import { HookcellError } from '../../errors.js';
import type { ErrorCode } from '../../errors.js';
import { redacted, redactedJson } from '../../grants/secrets.js';
import type { EntryRole, PluginEntry } from '../manifest/entry.js';

/** A version that takes no traffic. The one before it goes on, if there is one. */
export interface RefusedVersion {
  readonly name: string;
  readonly role: EntryRole;
  /** The identifier of the version. */
  readonly id: string;
  /** What the manifest calls it. */
  readonly version?: string;
  readonly code: ErrorCode;
  /** Which check failed. */
  readonly message: string;
  /** With `ERR_CONFIG`, what the plugin says about a configuration that it rejects. */
  readonly details?: readonly unknown[];
}

/** What is told of a version that is refused. */
export function refusedVersion(entry: PluginEntry, role: EntryRole, id: string, error: unknown): RefusedVersion {
  const { name, version } = entry;
  const isRefusal = error instanceof HookcellError;
  // The status and the events get into logs, and a fixture or `validate_config` can repeat a secret of the configuration.
  return {
    name,
    role,
    id,
    ...(version === undefined ? {} : { version }),
    code: isRefusal ? error.code : 'ERR_INTERNAL',
    ...(isRefusal && error.details !== undefined ? { details: redactedJson(error.details) } : {}),
    message: redacted(error instanceof Error ? error.message : String(error)),
  };
}

/** One line for a log or an error. */
export function refusalLine({ name, id, version, code, message }: RefusedVersion): string {
  return `the plugin ${name} (${version === undefined ? id : `${version}, ${id}`}) is refused: ${code} ${message}`;
}
