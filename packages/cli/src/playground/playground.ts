import { existsSync } from 'node:fs';

import type { HookContext } from 'hookcell';

import { UsageError } from '../exit.js';
import { grantsOf } from '../calls/grants.js';
import type { Grants } from '../calls/grants.js';
import { readFixtures } from '../fixtures/fixture-file.js';
import { hookOf } from '../fixtures/fixture.js';
import { shown } from '../terminal/shown-text.js';
import { viewOf } from './call-view.js';
import type { CallView } from './call-view.js';
import type { PluginSession } from './plugin-session.js';
import { saveFixture } from './saved-fixture.js';

/** A call that the page can start from. */
interface Start extends Grants {
  readonly name: string;
  readonly hook: string;
  readonly context: HookContext;
}

/** What the page shows before a call. */
export interface PlaygroundState {
  readonly plugin: { readonly name: string; readonly sha256: string; readonly bytes: number };
  readonly hooks: readonly string[];
  /** Why there is no plugin to call now. */
  readonly problem?: string;
  readonly starts: readonly Start[];
}

/** The most fixtures that the page offers. */
const MOST_STARTS = 200;

/** What the page can ask for. What comes from it is checked here, although it has the token. */
export class Playground {
  /**
   * @param session - the plugin
   * @param fixtures - the folder that the page saves to
   * @param first - what the page shows at first
   */
  constructor(
    readonly session: PluginSession,
    readonly fixtures: string,
    readonly first: Start,
  ) {}

  /** What the page shows before a call. */
  async state(): Promise<PlaygroundState> {
    const { plugin, info, problem } = await this.session.state();
    const { name, sha256, bytes } = plugin;
    return {
      plugin: { name: shown(name), sha256, bytes: bytes.length },
      hooks: info?.hooks ?? [],
      ...(problem === undefined ? {} : { problem: shown(problem) }),
      starts: [this.first, ...(await this.#starts())],
    };
  }

  /** Makes the call that the page asks for. */
  async run(request: unknown): Promise<CallView> {
    return viewOf(await this.session.call(callOf(request)));
  }

  /** Makes the call again, and saves it as a fixture. */
  async save(request: unknown): Promise<{ file: string }> {
    const { name } = request as { name?: unknown };
    if (typeof name !== 'string' || name.trim() === '' || name.length > 200) {
      throw new UsageError('the fixture needs a name of at most 200 characters');
    }
    const asked = callOf(request);
    const call = await this.session.call(asked);
    const chosen = { limits: this.session.limits, grants: asked.grants };
    return { file: shown(await saveFixture(this.fixtures, name.trim(), call, chosen)) };
  }

  async #starts(): Promise<Start[]> {
    if (!existsSync(this.fixtures)) {
      return [];
    }
    try {
      const files = await readFixtures(this.fixtures);
      const starts = files.flatMap((file) =>
        file.fixtures.map((each, index) => ({
          name: file.nameOf(index),
          hook: hookOf(each),
          context: each.context,
          ...grantsOf(each),
        })),
      );
      return starts.slice(0, MOST_STARTS);
    } catch (error) {
      // A file that is no fixture is `hookcell test`'s to tell.
      if (error instanceof UsageError) {
        return [];
      }
      throw error;
    }
  }
}

function callOf(request: unknown): { hook: string; context: HookContext; grants: Grants } {
  const { hook, context } = (request ?? {}) as { hook?: unknown; context?: unknown };
  if (typeof hook !== 'string' || typeof context !== 'object' || context === null) {
    throw new UsageError('a call needs a hook and a context, which is an object');
  }
  return { hook, context: context as HookContext, grants: grantsOf(request as Grants) };
}
