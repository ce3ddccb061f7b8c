import path from 'node:path';

import { parseSignal } from '../../calls/abort.js';
import type { Logger } from '../../diagnostics.js';
import { parseLogger } from '../../diagnostics.js';
import { parseIsolate } from '../../options/isolate.js';
import type { IsolateOptions } from '../../options/isolate.js';
import { parseDirectory } from '../../options/directory.js';
import { isRecord, kindOf } from '../../values/value-kind.js';
import { wholeNumber } from '../../values/whole-number.js';
import type { PluginSource } from '../loads/module-bytes.js';
import type { ManifestSource, ReadBounds } from '../manifest/manifest-source.js';
import { parseTrustedKeys } from '../trust/trusted-keys.js';
import type { TrustedKeys } from '../trust/trusted-keys.js';
import { isUrl } from '../../values/url.js';
import { parseAllowedEnv } from './allowed-env.js';
import type { AllowedEnv } from './allowed-env.js';
import { parseWatch } from './watch-options.js';
import type { WatchOptions, WatchSettings } from './watch-options.js';

/** Options of a plugin set. */
export interface PluginSetOptions {
  /** The manifest that lists the plugins, such as `plugins.json`. A set has either a `manifest` or a `folder`. */
  manifest?: string | URL | undefined;

  /**
   * A folder whose `.wasm` files are the plugins, named after their files and in the order of their names. What runs is whatever
   * the folder has; use a `manifest` for everything else.
   */
  folder?: string | URL | undefined;

  /**
   * Gets the modules of entries that have a `source` instead of a `file`. It gives the bytes, or a stream of them. Their digest is
   * checked before anything else.
   */
  source?: PluginSource | undefined;

  /**
   * The directory for what the set keeps: modules and manifests by their digests, and which versions ran and were rolled back, so that
   * a restart neither fetches them again nor forgets a rollback. Default `.hookcell` beside the manifest, or in the folder. `false` keeps
   * nothing. A missing directory is created for its user only (mode 0700).
   */
  storeDir?: string | URL | false | undefined;

  /**
   * A folder with fixtures, in the form of `hookcell test`. A version of the plugin NAME takes no traffic before it passes those in
   * `NAME.json` and in the folder `NAME`. Default none.
   */
  fixtures?: string | URL | undefined;

  /**
   * Whether a change of the manifest, or of the folder, reloads the set. Default `false`; then only `reload` does.
   */
  watch?: boolean | WatchOptions | undefined;

  /** `signed`: a manifest without a signature of a trusted key is refused. Default: any manifest is taken. */
  require?: 'signed' | undefined;

  /** The keys whose signatures are trusted: a list, or a JSON file of one, which is read at every reload. Default none. */
  trustedKeys?: TrustedKeys | undefined;

  /**
   * The environment variables that configurations of the manifest may refer to with `{ "env": "NAME" }`: names, and beginnings of names
   * with a `*` at their end. A version that refers to another one is refused with `ERR_CONFIG`. Default `['HOOKCELL_*']`; `['*']` is
   * all, `[]` is none; at most 1,000.
   */
  allowedEnv?: readonly string[] | undefined;

  /** Where plugins are compiled, as for a load of bytes. Default `true`: in a child process. */
  isolate?: boolean | IsolateOptions | undefined;

  /** How many earlier versions of each plugin stay loaded, so that `rollback` takes effect at once. Default 3, 0 to 100. */
  keepVersions?: number | undefined;

  /**
   * How many versions of jobs stay loaded besides those that run or are kept, so that a worker of `hookcell/bullmq` does not load one anew
   * for each job. Default 16, 0 to 1,000.
   */
  keepJobVersions?: number | undefined;

  /** The longest manifest, in bytes. Default 1,048,576 (1 MiB), 64 to 67,108,864 (64 MiB). */
  maxManifestBytes?: number | undefined;

  /**
   * The most bytes that are read of a module, from its file or its source. Default 67,108,864 (64 MiB), 8 to 268,435,456 (256 MiB). What
   * may be loaded is up to `maxModuleBytes`.
   */
  maxSourceBytes?: number | undefined;

  /** The most time that `source` may take for a module, in milliseconds. Default 30,000, 1 to 3,600,000. */
  sourceTimeoutMs?: number | undefined;

  /**
   * The most bytes of the modules in `storeDir`. Default 1,073,741,824 (1 GiB), 65,536 to 2^53 - 1. Modules that are not in use make
   * room, the least recently used first.
   */
  maxStoreBytes?: number | undefined;

  /**
   * The most contexts that are held for monitored plugins, including those under way. Default 4, 1 to 1,024. A request that would exceed it
   * is not monitored.
   */
  maxMonitored?: number | undefined;

  /** Ends the opening of the set: what was loaded is unloaded, and `openPlugins` rejects with its reason. Default none. */
  signal?: AbortSignal | undefined;

  /** Gets a line for each refused manifest or plugin. Default `console`; `false` turns the log off. */
  logger?: Logger | false | undefined;
}

const keepVersions = { name: 'keepVersions', min: 0, max: 100, default: 3 };
const keepJobVersions = { name: 'keepJobVersions', min: 0, max: 1_000, default: 16 };
const maxManifestBytes = { name: 'maxManifestBytes', min: 64, max: 67_108_864, default: 1_048_576 };
const maxSourceBytes = { name: 'maxSourceBytes', min: 8, max: 268_435_456, default: 67_108_864 };
const sourceTimeoutMs = { name: 'sourceTimeoutMs', min: 1, max: 3_600_000, default: 30_000 };
const maxStoreBytes = { name: 'maxStoreBytes', min: 65_536, max: Number.MAX_SAFE_INTEGER, default: 1_073_741_824 };
const maxMonitored = { name: 'maxMonitored', min: 1, max: 1_024, default: 4 };

const optionNames = [
  'manifest',
  'folder',
  'source',
  'storeDir',
  'fixtures',
  'watch',
  'require',
  'trustedKeys',
  'allowedEnv',
  'isolate',
  'keepVersions',
  'keepJobVersions',
  'maxManifestBytes',
  'maxSourceBytes',
  'sourceTimeoutMs',
  'maxStoreBytes',
  'maxMonitored',
  'signal',
  'logger',
] as const satisfies (keyof PluginSetOptions)[];

/** Checked options of a plugin set. */
export interface SetSettings {
  readonly manifest: ManifestSource;
  readonly bounds: ReadBounds;
  readonly source: PluginSource | undefined;
  readonly storeDir: string | undefined;
  readonly fixtures: string | undefined;
  readonly watch: WatchSettings | undefined;
  readonly requireSigned: boolean;
  readonly trustedKeys: TrustedKeys;
  readonly allowedEnv: AllowedEnv;
  readonly isolate: boolean | IsolateOptions | undefined;
  readonly keepVersions: number;
  readonly keepJobVersions: number;
  readonly sourceTimeoutMs: number;
  readonly maxStoreBytes: number;
  readonly maxMonitored: number;
  readonly logger: Logger | undefined;
}

/**
 * Reads the options of a plugin set.
 *
 * @throws `TypeError` or `RangeError` that names the option
 */
export function parseSetOptions(options: PluginSetOptions): SetSettings {
  if (!isRecord(options)) {
    throw new TypeError(`the options must be an object, got ${kindOf(options)}`);
  }
  const unknown = Object.keys(options).find((name) => !(optionNames as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`unknown option '${unknown}'; the options here are ${optionNames.join(', ')}`);
  }
  const manifest = parseManifestSource(options);
  const { source, storeDir, fixtures, require, trustedKeys = [], isolate } = options;
  if (source !== undefined && typeof source !== 'function') {
    throw new TypeError(`source must be a function of an entry, got ${kindOf(source)}`);
  }
  if (require !== undefined && require !== 'signed') {
    throw new TypeError(`require must be 'signed', got ${JSON.stringify(require)}`);
  }
  if (typeof trustedKeys !== 'string' && !isUrl(trustedKeys)) {
    parseTrustedKeys(trustedKeys);
  }
  if (require === 'signed' && manifest.kind === 'folder') {
    throw new TypeError("require: 'signed' needs a manifest, because a folder has no signature");
  }
  if (require === 'signed' && Array.isArray(trustedKeys) && trustedKeys.length === 0) {
    throw new TypeError("require: 'signed' needs trustedKeys: without a key, no manifest is signed");
  }
  parseIsolate(isolate, true);
  parseSignal(options.signal);
  return {
    manifest,
    bounds: {
      maxManifestBytes: number(maxManifestBytes, options.maxManifestBytes),
      maxSourceBytes: number(maxSourceBytes, options.maxSourceBytes),
    },
    source,
    storeDir:
      storeDir === false ? undefined : (directory('storeDir', storeDir) ?? path.join(manifest.folder, '.hookcell')),
    fixtures: directory('fixtures', fixtures),
    watch: parseWatch(options.watch),
    requireSigned: require === 'signed',
    trustedKeys,
    allowedEnv: parseAllowedEnv(options.allowedEnv),
    isolate,
    keepVersions: number(keepVersions, options.keepVersions),
    keepJobVersions: number(keepJobVersions, options.keepJobVersions),
    sourceTimeoutMs: number(sourceTimeoutMs, options.sourceTimeoutMs),
    maxStoreBytes: number(maxStoreBytes, options.maxStoreBytes),
    maxMonitored: number(maxMonitored, options.maxMonitored),
    logger: parseLogger(options.logger),
  };
}

function parseManifestSource({ manifest, folder }: PluginSetOptions): ManifestSource {
  if ((manifest === undefined) === (folder === undefined)) {
    throw new TypeError(`a plugin set takes manifest or folder, got ${manifest === undefined ? 'neither' : 'both'}`);
  }
  const file = directory('manifest', manifest);
  if (file !== undefined) {
    return { kind: 'manifest', path: file, folder: path.dirname(file) };
  }
  const own = directory('folder', folder) as string;
  return { kind: 'folder', path: own, folder: own };
}

function directory(name: string, value: unknown): string | undefined {
  return value === undefined ? undefined : parseDirectory(name, value as string | URL);
}

function number(bounds: { name: string; min: number; max: number; default: number }, value: unknown): number {
  return wholeNumber(bounds, value ?? bounds.default);
}
