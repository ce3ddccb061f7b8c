import path from 'node:path';
import { isUint8Array } from 'node:util/types';

import { HookcellError } from '../../errors.js';
import { shown } from '../../values/shown-text.js';
import { kindOf } from '../../values/value-kind.js';
import type { PluginEntry } from '../manifest/entry.js';
import { readBounded } from '../store/bounded-file.js';
import { digestOf } from '../store/digest.js';
import type { PluginStore } from '../store/plugin-store.js';

/** What a {@link PluginSource} gets besides the entry. */
export interface SourceRequest {
  /** Aborts if the set is closed, or if the source takes longer than `sourceTimeoutMs`. */
  readonly signal: AbortSignal;
  /** The most bytes that are taken. */
  readonly maxBytes: number;
}

/** The bytes of a module: whole, or in pieces as a response of `fetch` has them. */
export type ModuleBytes = Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Gets the bytes of a module from anywhere. Their digest is checked before anything else happens to them. */
export type PluginSource = (entry: PluginEntry, request: SourceRequest) => ModuleBytes | Promise<ModuleBytes>;

/** Where modules are had from. */
export interface ModulePlaces {
  /** The folder that the paths of files are relative to. */
  readonly folder: string;
  readonly source: PluginSource | undefined;
  readonly store: PluginStore | undefined;
  readonly maxSourceBytes: number;
  readonly sourceTimeoutMs: number;
  /** Aborts when the set is closed. */
  readonly signal: AbortSignal;
}

/** Bytes whose digest is that of the entry. */
export interface CheckedBytes {
  readonly bytes: Uint8Array;
  readonly fromStore: boolean;
}

/**
 * Gets the module of an entry: from the store, its file or the source.
 *
 * @throws {@link HookcellError} `ERR_READ`, `ERR_SOURCE` or `ERR_DIGEST`
 */
export async function moduleBytes(entry: PluginEntry, places: ModulePlaces): Promise<CheckedBytes> {
  const stored = await places.store?.module(entry.sha256);
  if (stored !== undefined) {
    await places.store?.touchModule(entry.sha256);
    return { bytes: stored, fromStore: true };
  }
  const bytes = entry.file === undefined ? await fromSource(entry, places) : await fromFile(entry.file, places);
  const sha256 = await digestOf(bytes);
  if (sha256 !== entry.sha256) {
    throw new HookcellError('ERR_DIGEST', `the SHA-256 of ${placeOf(entry)} is ${sha256}, not ${entry.sha256}`);
  }
  return { bytes, fromStore: false };
}

async function fromFile(file: string, { folder, maxSourceBytes }: ModulePlaces): Promise<Uint8Array> {
  try {
    return await readBounded(path.resolve(folder, file), maxSourceBytes);
  } catch (cause) {
    throw new HookcellError('ERR_READ', `the file ${shown(file)} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

async function fromSource(entry: PluginEntry, places: ModulePlaces): Promise<Uint8Array> {
  const { source, sourceTimeoutMs, maxSourceBytes } = places;
  if (source === undefined) {
    throw sourceError(entry, 'the set has no option source');
  }
  const controller = new AbortController();
  const { signal } = controller;
  const close = () => controller.abort(places.signal.reason);
  places.signal.addEventListener('abort', close, { once: true });
  const timer = setTimeout(
    () => controller.abort(new Error(`it took longer than sourceTimeoutMs (${sourceTimeoutMs})`)),
    sourceTimeoutMs,
  );
  try {
    places.signal.throwIfAborted();
    return await Promise.race([collect(source, entry, { signal, maxBytes: maxSourceBytes }), aborted(signal)]);
  } catch (cause) {
    throw sourceError(entry, (cause as Error | undefined)?.message ?? String(cause), cause);
  } finally {
    clearTimeout(timer);
    places.signal.removeEventListener('abort', close);
    // A source that is still under way must not go on in vain.
    controller.abort();
  }
}

async function collect(source: PluginSource, entry: PluginEntry, request: SourceRequest): Promise<Uint8Array> {
  const given: unknown = await source(entry, request);
  if (isUint8Array(given)) {
    requireRoom(given.length, request.maxBytes);
    // The source may keep its array and write to it later.
    return Uint8Array.from(given);
  }
  if (typeof given !== 'object' || given === null || !(Symbol.asyncIterator in given || Symbol.iterator in given)) {
    throw new TypeError(`it must give a Uint8Array or a stream of them, got ${kindOf(given)}`);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of given as AsyncIterable<unknown>) {
    request.signal.throwIfAborted();
    if (!isUint8Array(piece)) {
      throw new TypeError(`its stream must give Uint8Arrays, got ${kindOf(piece)}`);
    }
    length += piece.length;
    requireRoom(length, request.maxBytes);
    pieces.push(Uint8Array.from(piece));
  }
  return Buffer.concat(pieces, length);
}

function requireRoom(length: number, most: number): void {
  if (length > most) {
    throw new RangeError(`it gave more than maxSourceBytes (${most})`);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason as Error);
    if (signal.aborted) {
      fail();
    }
    signal.addEventListener('abort', fail, { once: true });
  });
}

function placeOf({ file, source = '' }: PluginEntry): string {
  return shown(file ?? source);
}

function sourceError(entry: PluginEntry, problem: string, cause?: unknown): HookcellError {
  const message = `the source gave no module for '${placeOf(entry)}': ${problem}`;
  return new HookcellError('ERR_SOURCE', message, { cause });
}
