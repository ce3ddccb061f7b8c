import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { HookcellService, UseHooks } from 'hookcell/nest';

import { closeApps, serveNest } from './app';
import type { Platform } from './app';
import type { Driver } from '../behaviors/driver';
import type { Row } from '../behaviors/rows';

/** Where Nest differs on each platform. */
export const nestManners: Record<Platform, Record<string, Partial<Row>>> = {
  // It sends an empty body for null there.
  Express: { 'null, as the hooks leave it': { body: undefined } },
  Fastify: {},
};

/** A driver on one of Nest's platforms. */
export function nestDriver(platform: Platform): Driver {
  return async ({ runtime, hooks, handle }) => {
    @Controller()
    class RouteController {
      @Post()
      @HttpCode(200)
      @UseHooks(hooks)
      answer(@Body() input: unknown, @Res({ passthrough: true }) response: { status(code: number): void }) {
        const handled = handle(input);
        if ('sent' in handled) {
          return handled.sent;
        }
        if (handled.status !== undefined) {
          response.status(handled.status);
        }
        return handled.json;
      }
    }
    const url = await serveNest({
      controllers: [RouteController],
      platform,
      override: (builder) => builder.overrideProvider(HookcellService).useValue(runtime),
    });
    return { url, close: closeApps };
  };
}
