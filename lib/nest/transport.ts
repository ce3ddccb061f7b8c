import type { ExecutionContext, Type } from '@nestjs/common';

import type { Handler } from './decorator/use-hooks-options.js';

/** Where `@nestjs/microservices` and `@nestjs/websockets` keep that a method takes messages. */
const messageMetadata = ['microservices:pattern', 'websockets:message_mapping'];

/** Whether a method is called by messages: it has `@MessagePattern`, `@EventPattern` or `@SubscribeMessage`. */
export function takesMessages(handler: Handler): boolean {
  return messageMetadata.some((key) => Reflect.hasMetadata(key, handler));
}

/** Why hooks of a class, or of one of its methods, would not run. */
export function notHttpError(type: Type, method: string | undefined): TypeError {
  const name = method === undefined ? type.name : `${type.name}.${method}`;
  return new TypeError(
    `${name} has @UseHooks, and is not called by HTTP: its hooks would not run. ` +
      'Take @UseHooks away, and call HookcellService there',
  );
}

/** @throws where a handler with hooks is called in another way than by HTTP, without them */
export function refuseOtherThanHttp(context: ExecutionContext): void {
  if (context.getType<string>() !== 'http') {
    throw notHttpError(context.getClass(), context.getHandler().name);
  }
}
