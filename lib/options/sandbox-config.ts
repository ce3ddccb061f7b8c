import { codeCacheOptionNames, parseCodeCache } from './code-cache.js';
import type { CodeCacheOptions } from './code-cache.js';
import { isDefaultLogger, parseLogger } from '../diagnostics.js';
import type { Logger } from '../diagnostics.js';
import { idleMemoryOptionNames, parseIdleMemory } from './idle-memory.js';
import type { IdleMemoryOptions } from './idle-memory.js';
import { parseLimits } from './limits.js';
import type { SandboxLimits } from './limits.js';
import { parseLoadSwitches } from './load-options.js';
import type { LoadSwitches } from './load-options.js';
import type { CodeCacheSettings, LimitOptions } from '../native.js';
import { logLines } from '../telemetry/plugin-log.js';
import { wholeNumber } from '../values/whole-number.js';
import { Recorder } from '../record/recorder.js';
import { parseRecordOptions } from './record-options.js';
import type { RecordOptions } from './record-options.js';
import { parseQueueOptions, queueOptionNames } from './queue-options.js';
import type { QueueOptions, QueueSettings } from './queue-options.js';

/** Options of a runtime: its limits, which apply to every plugin and call, its queue, its code cache, idle memory and its log. */
export interface SandboxConfig extends SandboxLimits, QueueOptions, CodeCacheOptions, IdleMemoryOptions {
  /**
   * Gets one line for each call that faults, and what plugins log. Default `console`, or in Fastify and NestJS the framework's own
   * log; `false` turns the log off.
   */
  logger?: Logger | false | undefined;

  /**
   * The most lines in a second that plugins cause in the log: what they log, and their faults. Default 1,000, 0 to 1,000,000. More
   * are dropped, and a line says how many. Results still have them.
   */
  maxLogLinesPerSecond?: number | undefined;

  /**
   * Records calls as files: those that fault, or a share of all. `hookcell replay` and `hookcell test` of `@hookcell/cli` make them
   * again. Default: no call is recorded.
   */
  record?: RecordOptions | undefined;

  /** The default of the load option `preInitialize`: runs a plugin's start-up once at load. Default `true`. */
  preInitialize?: boolean | undefined;

  /** The default of the load option `sourceLocations`: keeps a plugin's debug information. Default `true`. */
  sourceLocations?: boolean | undefined;
}

/** Checked options of a runtime, with defaults filled in. */
export interface ParsedSandboxConfig {
  readonly limits: LimitOptions | undefined;
  readonly queue: QueueSettings;
  readonly codeCache: CodeCacheSettings | undefined;
  readonly maxIdleMemoryBytes: number | undefined;
  readonly logger: Logger | undefined;
  /** Whether `logger` is the default. */
  readonly isDefaultLogger: boolean;
  readonly maxLogLines: number;
  readonly loadSwitches: LoadSwitches;
  readonly recorder: Recorder | undefined;
}

/** Reads the options of a runtime. */
export function parseSandboxConfig(config: SandboxConfig | undefined): ParsedSandboxConfig {
  const limits = parseLimits(config, [
    'logger',
    logLines.name,
    'record',
    'preInitialize',
    'sourceLocations',
    ...queueOptionNames,
    ...codeCacheOptionNames,
    ...idleMemoryOptionNames,
  ]);
  const logger = parseLogger(config?.logger);
  const record = parseRecordOptions(config?.record);
  return {
    limits,
    queue: parseQueueOptions(config, config?.maxContextBytes),
    codeCache: parseCodeCache(config),
    maxIdleMemoryBytes: parseIdleMemory(config),
    logger,
    isDefaultLogger: isDefaultLogger(config?.logger),
    maxLogLines: wholeNumber(logLines, config?.maxLogLinesPerSecond ?? logLines.default),
    recorder: record && new Recorder(record, limits, logger),
    loadSwitches: parseLoadSwitches(config, { preInitialize: true, sourceLocations: true }),
  };
}
