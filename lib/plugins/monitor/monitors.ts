import type { WholeContext } from '../../calls/context.js';
import type { SetRuntime } from '../set-runtime.js';
import { differingPaths } from '../compare/json-differences.js';
import { contextAfter, outcomeKind, outcomeOf } from '../compare/outcome.js';
import type { Outcome } from '../compare/outcome.js';
import { redactedJson } from '../../grants/secrets.js';
import { OWN_TENANT } from '../fixtures/fixture-run.js';
import type { Selected } from '../versions/generation.js';
import type { Grant } from '../manifest/entry.js';
import type { Granted } from '../../grants/grants.js';
import type { Slot } from '../versions/slot.js';
import { namedVersion } from './monitored.js';
import type { MonitorCounts, MonitoredDifference } from './monitored.js';

/** A context that waits to be compared. */
interface Sampled {
  readonly text: string;
  readonly hook: string;
  readonly selected: readonly Selected[];
  /** The monitored versions whose sample the request is in. */
  readonly monitors: ReadonlySet<Slot>;
}

/** How a call ended, with the time and seed that it got. */
interface Ended {
  readonly outcome: Outcome;
  readonly granted: Granted | undefined;
}

/** How often a comparison looks whether a call waits that the set does not know of, in milliseconds. */
const LOOK_EVERY_MS = 5;

/** No plugin, which changes nothing. */
const PASSED: Ended = { outcome: { ok: true }, granted: undefined };

/**
 * Compares monitored versions with those that take part in requests. Plugins keep no state and end the same on the same context, so both
 * are called again after the request has been answered; nothing that happens here reaches the request.
 */
export class Monitors {
  readonly #runtime: SetRuntime;
  readonly #most: number;
  readonly #report: (difference: MonitoredDifference) => void;
  readonly #counts = new Map<string, MonitorCounts>();
  /** One comparison at a time, so that however long they run, they take one slot. */
  #turn: Promise<void> = Promise.resolve();
  #comparing: AbortController | undefined;
  #held = 0;
  #isClosed = false;

  /** @param most - the most contexts that are held */
  constructor(runtime: SetRuntime, most: number, report: (difference: MonitoredDifference) => void) {
    this.#runtime = runtime;
    this.#most = most;
    this.#report = report;
  }

  /** How the comparisons of a monitored version ended. */
  countsOf({ name, id }: Slot['version']): MonitorCounts {
    const key = `${name}@${id}`;
    const known = this.#counts.get(key);
    if (known !== undefined) {
      return known;
    }
    const counts = { compared: 0, different: 0, rejected: 0, faulted: 0, skipped: 0 };
    this.#counts.set(key, counts);
    return counts;
  }

  /** Forgets the counts of versions that are not monitored any more. */
  keepOnly(slots: readonly Slot[]): void {
    const keys = new Set(slots.map(({ version: { name, id } }) => `${name}@${id}`));
    for (const key of this.#counts.keys()) {
      if (!keys.has(key)) {
        this.#counts.delete(key);
      }
    }
  }

  /** Compares no more, and ends the comparison that runs. */
  close(): void {
    this.#isClosed = true;
    this.#comparing?.abort();
  }

  /** A request begins. If all slots are taken, a comparison gives up its own. */
  makeWay(): void {
    if (this.#comparing !== undefined && this.#runtime.running >= this.#runtime.slots) {
      this.#comparing.abort();
    }
  }

  /**
   * Copies the context of a request that is in a sample, before its plugins run.
   *
   * @returns what compares later, and must be called once; `undefined` if nothing is to be compared
   */
  sample(
    hook: string,
    selected: readonly Selected[],
    context: WholeContext<object>,
  ): ((release: () => void) => void) | undefined {
    const monitors = new Set(selected.flatMap(({ monitor }) => monitor ?? []).filter(isInSample));
    if (monitors.size === 0) {
      return undefined;
    }
    const text = this.#held < this.#most ? textOf(context) : undefined;
    if (text === undefined) {
      this.#skip(monitors);
      return undefined;
    }
    this.#held += 1;
    return (release) => {
      this.#turn = this.#compareAfter(this.#turn, { text, hook, selected, monitors }, release);
    };
  }

  async #compareAfter(earlier: Promise<void>, sampled: Sampled, release: () => void): Promise<void> {
    await earlier;
    try {
      // The answer of the request goes out first.
      await new Promise((resolve) => setImmediate(resolve));
      // Calls that wait are those of requests.
      if (this.#isClosed || this.#runtime.waiting > 0) {
        this.#skip(sampled.monitors);
      } else {
        await this.#compareNow(sampled);
      }
    } catch {
      // A refusal of the host, such as a full queue or a closed runtime, says nothing about the plugin, and neither does a request that
      // needed the slot.
      this.#skip(sampled.monitors);
    } finally {
      this.#held -= 1;
      release();
    }
  }

  async #compareNow(sampled: Sampled): Promise<void> {
    const comparing = new AbortController();
    this.#comparing = comparing;
    const look = setInterval(() => {
      if (this.#runtime.waiting > 0) {
        comparing.abort();
      }
    }, LOOK_EVERY_MS).unref();
    try {
      await this.#compare(sampled, comparing.signal);
    } finally {
      clearInterval(look);
      this.#comparing = undefined;
    }
  }

  /** Walks through the plugins as the request did. A version is compared on the context that the plugins before it leave. */
  async #compare({ text, hook, selected, monitors }: Sampled, signal: AbortSignal): Promise<void> {
    let context = JSON.parse(text) as WholeContext<object>;
    for (const { slot, monitor } of selected) {
      const { outcome: enforced, granted } =
        slot === undefined ? PASSED : await this.#call(slot, hook, context, { signal });
      if (monitor !== undefined && monitors.has(monitor)) {
        const { outcome: monitored } = await this.#call(monitor, hook, context, { signal, granted });
        this.#tell(hook, context, { slot, enforced }, { monitor, monitored });
      }
      if ('refused' in enforced || (!enforced.ok && !isPassedOver(slot, enforced))) {
        // The request ended here, so no plugin after this one saw it.
        return;
      }
      context = Object.assign({}, context, contextAfter(context, enforced));
    }
  }

  /** @param granted - the time and seed of the call that this one is compared with */
  async #call(
    slot: Slot,
    hook: string,
    context: WholeContext<object>,
    { signal, granted = {} }: { signal: AbortSignal; granted?: Granted | undefined },
  ): Promise<Ended> {
    const { plugin, config } = slot.chosenFor(context.tenant_id);
    const { grant = [] } = slot.entry;
    const same = Object.fromEntries(Object.entries(granted).filter(([name]) => grant.includes(name as Grant)));
    const result = await this.#runtime.callHook(plugin, hook, context, { config, ...same, tenant: OWN_TENANT, signal });
    return { outcome: outcomeOf(result, context), granted: result.granted };
  }

  #tell(
    hook: string,
    context: WholeContext<object>,
    { slot, enforced }: { slot: Slot | undefined; enforced: Outcome },
    { monitor, monitored }: { monitor: Slot; monitored: Outcome },
  ): void {
    const counts = this.countsOf(monitor.version);
    const kind = outcomeKind(monitored);
    counts.compared += 1;
    counts.rejected += kind === 'rejected' ? 1 : 0;
    counts.faulted += kind === 'faulted' ? 1 : 0;
    const paths = differences(context, enforced, monitored);
    if (paths.length > 0) {
      counts.different += 1;
      this.#report({
        name: monitor.entry.name,
        hook,
        tenant: context.tenant_id,
        enforced: slot === undefined ? null : namedVersion(slot, slot.entry.share === undefined ? 'base' : 'canary'),
        monitored: namedVersion(monitor, 'monitor'),
        // A plugin can repeat a secret of its configuration, and what is reported gets into logs.
        enforcedOutcome: redactedJson(enforced),
        monitoredOutcome: redactedJson(monitored),
        paths,
      });
    }
  }

  #skip(monitors: Iterable<Slot>): void {
    for (const { version } of monitors) {
      this.countsOf(version).skipped += 1;
    }
  }
}

function isInSample({ entry: { sample } }: Slot): boolean {
  return sample > 0 && (sample === 1 || Math.random() < sample);
}

function textOf({ input, data, user, headers, tenant_id }: WholeContext<object>): string | undefined {
  try {
    const caller = { user: user === null ? null : { id: user.id, role: user.role }, headers, tenant_id };
    return JSON.stringify({ input, data, ...caller });
  } catch {
    // The request is refused for the same reason.
    return undefined;
  }
}

/** Does the manifest pass over a plugin that ends so? */
function isPassedOver(slot: Slot | undefined, outcome: Outcome): boolean {
  const policy = outcomeKind(outcome) === 'faulted' ? slot?.entry.onFault : slot?.entry.onReject;
  return policy === 'open';
}

/** Where two outcomes of one context differ. Faults are equal if their codes are. */
function differences(context: WholeContext<object>, enforced: Outcome, monitored: Outcome): string[] {
  if (outcomeKind(enforced) !== outcomeKind(monitored)) {
    return [''];
  }
  if ('fault' in enforced && 'fault' in monitored) {
    return enforced.fault.code === monitored.fault.code ? [] : ['/fault/code'];
  }
  return 'ok' in enforced && enforced.ok
    ? differingPaths(contextAfter(context, enforced), contextAfter(context, monitored))
    : differingPaths(enforced, monitored);
}
