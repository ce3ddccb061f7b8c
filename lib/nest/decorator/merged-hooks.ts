import { isUrl } from '../../values/url.js';
import type { PolicyOptions } from '../../hooks/failure/policy.js';
import type { HookStep } from '../../hooks/hook-step.js';
import { isPluginChoice, withChoicePolicies } from '../../hooks/choice/plugin-choice.js';
import type { AnyHooks } from './use-hooks-options.js';

type AnyStep = HookStep<any, any, any>;

/**
 * Merges the options of a controller and of one of its handlers over those of the module.
 *
 * @returns `undefined` if neither the controller nor the handler has any
 */
export function mergeHooks(
  defaults: AnyHooks,
  controller: AnyHooks | undefined,
  handler: AnyHooks | undefined,
): AnyHooks | undefined {
  const levels = [controller, handler].filter((level) => level !== undefined);
  if (levels.length === 0) {
    return undefined;
  }
  const merged: AnyHooks = { ...defaults };
  for (const level of levels) {
    const { before: _before, after: _after, onFault: _onFault, onReject: _onReject, ...nearer } = level;
    Object.assign(merged, given(nearer));
  }
  const before = levels.flatMap(({ before: chain, ...policies }) => ownSteps(chain, policies));
  // In the order in which interceptors end: the innermost first.
  const after = levels.toReversed().flatMap(({ after: chain, ...policies }) => ownSteps(chain, policies));
  return { ...merged, ...(before.length > 0 && { before }), ...(after.length > 0 && { after }) };
}

/** The steps of one level, each with the policies of that level, so that one level cannot open what another has closed. */
function ownSteps(chain: AnyHooks['before'], { onFault, onReject }: AnyHooks): AnyStep[] {
  // Not `flat`, which skips holes: a hole is a missing step, and so an error.
  const steps = (Array.isArray(chain) ? Array.from(chain) : chain === undefined ? [] : [chain]) as AnyStep[];
  if (onFault === undefined && onReject === undefined) {
    return steps;
  }
  return steps.map((step) => withPolicies(step, { onFault, onReject }));
}

function withPolicies(step: AnyStep, { onFault, onReject }: PolicyOptions): AnyStep {
  if (typeof step === 'string' || isUrl(step)) {
    return { plugin: step, onFault, onReject };
  }
  if (typeof step !== 'object' || step === null) {
    return step;
  }
  return isPluginChoice(step)
    ? withChoicePolicies(step, { onFault, onReject })
    : { ...step, onFault: step.onFault ?? onFault, onReject: step.onReject ?? onReject };
}

/** The options without those that are `undefined`, which would hide those of the level above. */
function given(options: AnyHooks): AnyHooks {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
