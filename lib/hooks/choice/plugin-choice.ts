import type { Caller } from '../../calls/caller.js';
import type { WholeContext } from '../../calls/context.js';
import type { JsonValue } from '../../values/json.js';
import type { HookName } from '../../calls/hook-name.js';
import type { FaultPolicy, PolicyOptions, RejectPolicy } from '../failure/policy.js';

/** What chooses plugins for each request, such as a plugin set of `hookcell/plugins`. It is a hook like a plugin or a function. */
export interface PluginChoice {
  /**
   * @param request - the same object before and after the handler of one request
   */
  choosePlugins(hook: HookName, caller: Caller, request: object): ChosenPlugins;
}

/** A plugin that was chosen for a request. The same object for each request saves preparing the plugin anew. */
export interface ChosenPlugin {
  /** The name that the runtime knows it by. */
  readonly plugin: string;
  /** The configuration of its calls, over that of its load. Default that of its load. */
  readonly config?: JsonValue | undefined;
  /** Replaces the policy of the route. */
  readonly onFault: FaultPolicy | undefined;
  /** Replaces the policy of the route. */
  readonly onReject: RejectPolicy | undefined;
}

/** The plugins that were chosen for a request, in order. They stay loaded until {@link ChosenPlugins.end}. */
export interface ChosenPlugins {
  readonly plugins: readonly ChosenPlugin[];
  /** Called before the first plugin, with the context that it gets. */
  begin(context: WholeContext<object>): void;
  /** Called once when the plugins have run, however they ended. */
  end(): void;
}

/** Is it a {@link PluginChoice}? */
export function isPluginChoice(value: object): value is PluginChoice {
  return typeof (value as Partial<PluginChoice>).choosePlugins === 'function';
}

/** The same choice, with policies for the plugins that have none of their own. */
export function withChoicePolicies(choice: PluginChoice, { onFault, onReject }: PolicyOptions): PluginChoice {
  return {
    choosePlugins(hook, caller, request) {
      const chosen = choice.choosePlugins(hook, caller, request);
      return {
        plugins: chosen.plugins.map((each) => ({
          ...each,
          onFault: each.onFault ?? onFault,
          onReject: each.onReject ?? onReject,
        })),
        begin: (context) => chosen.begin(context),
        end: () => chosen.end(),
      };
    },
  };
}
