import type { JobPlugin } from '../hook-job.js';

/** The entry that a {@link JobSource} gets: that of a manifest's plugin, as far as a job knows it. */
export interface JobEntry extends JobPlugin {
  readonly order: number;
  readonly enabled: boolean;
  readonly mode: 'enforce';
  readonly sample: number;
  readonly sticky: 'tenant';
}

/** What a {@link JobSource} gets besides the entry. */
export interface JobSourceRequest {
  /** Aborts when the worker closes, or if the source takes longer than `sourceTimeoutMs`. */
  readonly signal: AbortSignal;
  /** The most bytes that are taken. */
  readonly maxBytes: number;
}

/** Gets the bytes of a module. A source of a plugin set is one, too. */
export type JobSource = (
  entry: JobEntry,
  request: JobSourceRequest,
) =>
  | Uint8Array
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>
  | Promise<Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>>;
