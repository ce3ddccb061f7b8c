import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';

import type { JsonObject } from '../../values/json.js';
import { hookOptionNames } from '../../hooks/options/hook-options.js';
import { refuseUnknownOptions } from '../../hooks/options/option-names.js';
import type { SchemaAt } from '../../hooks/schema/schema-at.js';
import { ModuleRequirement } from '../module/module-requirement.js';
import { HOOKED_METHODS_METADATA, HOOKS_METADATA } from './use-hooks-options.js';
import type { HookRequest, UseHooksOptions } from './use-hooks-options.js';

/**
 * Runs hooks around the handlers of a controller, or around one handler. Those before it run after the guards and before the
 * pipes, so that the body that they leave is validated as if the client had sent it. Those after it get what the handler
 * returns.
 *
 * The options of a handler are merged with those of its controller and of the module. `before` of the controller runs before
 * that of the handler, and `after` of the handler before that of the controller. Of every other option, the nearest one applies.
 * `onFault` and `onReject` apply to the hooks that they are declared with.
 *
 * ```ts
 * @UseHooks({ before: [checkQuota, './plugins/validate_email.wasm'] })
 * @Post()
 * create(@Body() user: CreateUser) {}
 * ```
 *
 * @param options - the hooks, and what they may see of the request
 * @throws `TypeError` for an unknown option, and if there is a second `@UseHooks`. A wrong value of an option is an error when
 * the application starts
 */
export function UseHooks<
  R extends HookRequest = HookRequest,
  I extends object = JsonObject,
  O = any,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
>(options: UseHooksOptions<R, I, O, D, S, A>): ClassDecorator & MethodDecorator {
  refuseUnknownOptions('@UseHooks', options, hookOptionNames);
  return applyDecorators(
    refuseSecond,
    noteMethod,
    SetMetadata(HOOKS_METADATA, options),
    UseInterceptors(ModuleRequirement),
  );
}

/** With two, only one would apply. A list of hooks is unambiguous. */
function refuseSecond(target: object, name?: string | symbol, descriptor?: PropertyDescriptor): void {
  const decorated = (descriptor?.value ?? target) as object;
  if (Reflect.hasOwnMetadata(HOOKS_METADATA, decorated)) {
    throw new TypeError(`${String(name ?? (target as { name?: unknown }).name)} has @UseHooks twice`);
  }
}

/** A decorator above may put another function in the place of this one, which then has no hooks. */
function noteMethod(target: object, name?: string | symbol): void {
  if (name !== undefined) {
    const names = (Reflect.getOwnMetadata(HOOKED_METHODS_METADATA, target) ?? []) as (string | symbol)[];
    Reflect.defineMetadata(HOOKED_METHODS_METADATA, [...names, name], target);
  }
}
