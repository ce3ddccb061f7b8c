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

/** A version of a plugin set, for jobs that run elsewhere. */
export interface ChosenVersion {
  /** What the manifest calls the plugin. */
  readonly name: string;
  /** The identifier of the version. */
  readonly id: string;
  /** The SHA-256 of the manifest that has its entry. */
  readonly manifest: string;
  /** Whether the module alone decides what the plugin does: its entry has no limits, configurations and grants. */
  readonly isModule: boolean;
}

/** A version that stays loaded until {@link HeldVersion.release}. */
export interface HeldVersion {
  readonly chosen: ChosenPlugin;
  release(): void;
}

/** What has the versions of a plugin set, such as a plugin set of `hookcell/plugins`. */
export interface VersionSource {
  /** @returns the version; `undefined` if it cannot be had here and now */
  holdVersion(version: ChosenVersion, tenant: string | null): Promise<HeldVersion | undefined>;
}

/** A plugin that was chosen for a request. The same object for each request saves preparing the plugin anew. */
export interface ChosenPlugin {
  /** The name that the runtime knows it by. */
  readonly plugin: string;
  /** The configuration of its calls, over that of its load. Default that of its load. */
  readonly config?: JsonValue | undefined;
  /** The version that it is, if it is of a plugin set. */
  readonly version?: ChosenVersion;
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
