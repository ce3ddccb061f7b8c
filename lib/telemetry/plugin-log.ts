import type { CallRecord, LogLine, PluginResult } from '../calls/result.js';
import { publishFault, warn, write } from '../diagnostics.js';
import type { Logger, LogMethod } from '../diagnostics.js';
import type { Bounds } from '../values/whole-number.js';
import { LogLimit } from './log-limit.js';

/** The most lines of plugins that a runtime logs in a second. */
export const logLines = {
  name: 'maxLogLinesPerSecond',
  min: 0,
  max: 1_000_000,
  default: 1_000,
} as const satisfies Bounds;

/** The call that a line is about. */
export interface LoggedCall {
  readonly plugin: string;
  readonly hook: string;
  readonly tenant?: string | undefined;
  readonly requestId?: string | undefined;
  /** The log of the request, from an adapter. */
  readonly logger?: Logger | undefined;
}

/** How the call of a plugin ended. */
type CallEnd = Pick<PluginResult<object>, 'fault' | 'usage'> & { log?: CallRecord['log'] | undefined };

/** Writes what the plugins of a runtime log, and how they fail, to the server's log. */
export class PluginLog {
  readonly #logger: Logger | undefined;
  readonly #isDefault: boolean;
  readonly #limit: LogLimit;
  readonly #versionOf: (plugin: string) => string | undefined;

  /**
   * @param logger - none: nothing is written
   * @param isDefault - whether the log of a request is preferred to it
   * @param versionOf - the digest of a loaded plugin
   */
  constructor(
    logger: Logger | undefined,
    isDefault: boolean,
    most: number,
    versionOf: (plugin: string) => string | undefined,
  ) {
    this.#logger = logger;
    this.#isDefault = isDefault;
    this.#versionOf = versionOf;
    this.#limit = new LogLimit(most, (count) =>
      warn(logger, `${count} lines of plugins are not in the log: it takes ${most} a second (${logLines.name})`),
    );
  }

  /** The log of the plugin comes first, as it wrote that before it failed. */
  write(call: LoggedCall, { log, fault, usage }: CallEnd): void {
    if (log !== undefined) {
      for (const line of log) {
        this.#line(call, line.level, () => `: ${textOf(line)}`);
      }
    }
    if (fault !== undefined) {
      this.#line(call, 'warn', () => ` failed: ${fault.code} ${fault.message}`);
      publishFault({ plugin: call.plugin, hook: call.hook, fault, usage }, call);
    }
  }

  /** Tells of the lines that were dropped so far. */
  flush(): void {
    this.#limit.flush();
  }

  #line(call: LoggedCall, level: LogLine['level'], text: () => string): void {
    const logger = this.#isDefault ? (call.logger ?? this.#logger) : this.#logger;
    if (logger === undefined || !this.#limit.allows()) {
      return;
    }
    const { plugin, hook, tenant, requestId } = call;
    const sha256 = this.#versionOf(plugin);
    const members = { plugin, hook, sha256, tenant, requestId };
    const line = `${plugin} ${hook}${text()}`;
    const child = childOf(logger, members);
    if (child === undefined) {
      write(logger, methodFor(logger, level), `${line}${suffixOf(members)}`);
    } else {
      write(child, methodFor(child, level), line);
    }
  }
}

/** pino, winston and Fastify's log make a log with members of its own. */
function childOf(logger: Logger, members: Record<string, string | undefined>): Logger | undefined {
  if (typeof logger.child !== 'function') {
    return undefined;
  }
  try {
    const given = Object.entries(members).filter(([, value]) => value !== undefined);
    return logger.child({ hookcell: Object.fromEntries(given) });
  } catch {
    return undefined;
  }
}

/** The members, for a log that takes only text. */
function suffixOf({ sha256, tenant, requestId }: Record<string, string | undefined>): string {
  const parts = [
    sha256 === undefined ? undefined : `version ${sha256.slice(0, 12)}`,
    tenant === undefined ? undefined : `tenant ${tenant}`,
    requestId === undefined ? undefined : `request ${requestId}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function textOf({ message, fields }: LogLine): string {
  return fields === undefined ? message : `${message} ${JSON.stringify(fields)}`;
}

function methodFor(logger: Logger, level: LogLine['level']): LogMethod {
  const methods: LogMethod[] = level === 'info' ? ['info', 'log'] : [level];
  return methods.find((method) => typeof logger[method] === 'function') ?? 'warn';
}
