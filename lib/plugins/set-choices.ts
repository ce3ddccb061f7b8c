import type { Caller } from '../calls/caller.js';
import type { ChosenVersion, HeldVersion } from '../hooks/choice/plugin-choice.js';
import type { Monitors } from './monitor/monitors.js';
import type { Deployer } from './rollout/deployer.js';
import { Selection } from './selection.js';
import type { Generation, Selected } from './versions/generation.js';

/** Chooses what runs for requests and jobs. */
export class SetChoices {
  readonly #deployer: Deployer;
  readonly #monitors: Monitors;
  /** What the requests under way run, so that their hooks after the handler are of the same time as those before. */
  readonly #generations = new WeakMap<object, Generation>();

  constructor(deployer: Deployer, monitors: Monitors) {
    this.#deployer = deployer;
    this.#monitors = monitors;
  }

  /** The plugins for a caller, as they are now. */
  now(hook: string, caller: Caller): Selection {
    return new Selection(hook, this.#deployer.current.select(hook, caller), caller.tenant_id, this.#monitors);
  }

  /** The plugins of a request: those of the time at which it began, as long as they are loaded. */
  of(hook: string, caller: Caller, request: object): Selection {
    const earlier = this.#generations.get(request);
    const selected = earlier?.select(hook, caller);
    if (selected?.every(isLoaded) === true) {
      return new Selection(hook, selected, caller.tenant_id, this.#monitors);
    }
    this.#generations.set(request, this.#deployer.current);
    return this.now(hook, caller);
  }

  /** The version of a job. */
  async version(version: ChosenVersion, tenant: string | null): Promise<HeldVersion | undefined> {
    const slot = await this.#deployer.holdVersion(version);
    return slot && { chosen: slot.chosenFor(tenant), release: () => slot.version.release() };
  }
}

/** Are the versions still loaded that a request ran before its handler? */
function isLoaded({ slot, monitor }: Selected): boolean {
  return slot?.version.isHeld !== false && monitor?.version.isHeld !== false;
}
