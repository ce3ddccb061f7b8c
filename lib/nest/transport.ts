import type { ExecutionContext, Type } from '@nestjs/common';

import type { Handler } from './decorator/use-hooks-options.js';

/** The metadata with which `@nestjs/microservices` and `@nestjs/websockets` mark a method that takes messages. */
const messageMetadata = ['microservices:pattern', 'websockets:message_mapping'];

/** Whether a method takes messages: it has `@MessagePattern`, `@EventPattern` or `@SubscribeMessage`. */
export function takesMessages(handler: Handler): boolean {
  return messageMetadata.some((key) => Reflect.hasMetadata(key, handler));
}

/** The error for hooks of a class, or of one of its methods, that would not run. */
export function notHttpError(type: Type, method: string | undefined): TypeError {
  const name = method === undefined ? type.name : `${type.name}.${method}`;
  return new TypeError(
    `${name} has @UseHooks, but is not called by HTTP: its hooks would not run. ` +
      'Remove @UseHooks, and call HookcellService there',
  );
}

/** @throws `TypeError` if a handler with hooks is not called by HTTP, so that they would not run */
export function refuseOtherThanHttp(context: ExecutionContext): void {
  if (context.getType<string>() !== 'http') {
    throw notHttpError(context.getClass(), context.getHandler().name);
  }
}
