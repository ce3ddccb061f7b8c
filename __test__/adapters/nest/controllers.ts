// Hooks of a controller and of its handlers.

import { Body, Controller, Get, Post } from '@nestjs/common';
import { UseHooks } from 'hookcell/nest';
import type { NativeHook } from 'hookcell/nest';

import { postJson } from '../../support/http';
import { closeApps, hookcell, serveNest } from './app';
import type { Platform, Served } from './app';

/** Tests of hooks on controllers on a version of Nest. */
export function describeControllers(name: string): void {
  describe.each<Platform>(['Express', 'Fastify'])(`on ${name} and %s,`, (platform) => {
    afterEach(closeApps);

    const serve = (served: Served) => serveNest({ platform, ...served });

    describe('hooks of a controller and of its handler', () => {
      const mark =
        (text: string): NativeHook<any, any, any> =>
        ({ input, data }) =>
          data === null
            ? { input: { trace: [...(input.trace ?? []), text] } }
            : { data: { trace: [...data.trace, text] } };

      test('run from the outside in, and back', async () => {
        @Controller()
        @UseHooks({ before: mark('controller'), after: mark('controller') })
        class MarkedController {
          @Post('both')
          @UseHooks({ before: [mark('handler')], after: [mark('handler')] })
          both(@Body() { trace }: { trace: string[] }) {
            return { trace };
          }

          @Post('one')
          one(@Body() { trace }: { trace: string[] }) {
            return { trace };
          }
        }
        const url = await serve({ controllers: [MarkedController] });

        expect((await postJson(`${url}both`, {})).body.trace).toEqual([
          'controller',
          'handler',
          'handler',
          'controller',
        ]);
        expect((await postJson(`${url}one`, {})).body.trace).toEqual(['controller', 'controller']);
      });

      test('use the nearest value of each option, or that of the module', async () => {
        const tell: NativeHook<any, any, any> = ({ user, tenant_id }) => ({ data: { user: user?.id, tenant_id } });
        @Controller()
        @UseHooks({ tenantId: 'controller', user: { id: 'controller', role: '' } })
        class ToldController {
          @Get()
          @UseHooks({ after: tell, tenantId: 'handler', user: undefined })
          tell() {
            return {};
          }

          @Get('without')
          without() {
            return {};
          }
        }
        @Controller('module')
        class ModuleController {
          @Get()
          @UseHooks({ after: tell })
          tell() {
            return {};
          }
        }
        const hooks = { ...hookcell.hooks, tenantId: 'module' };
        const url = await serve({ controllers: [ToldController, ModuleController], hookcell: { ...hookcell, hooks } });

        expect(await (await fetch(url)).json()).toEqual({ user: 'controller', tenant_id: 'handler' });
        expect(await (await fetch(`${url}without`)).json()).toEqual({});
        expect(await (await fetch(`${url}module`)).json()).toEqual({ tenant_id: 'module' });
      });

      test('keep their own policies', async () => {
        @Controller()
        @UseHooks({ before: ['yes', 'crash'] })
        class ClosedController {
          @Post()
          @UseHooks({ before: 'crash', onFault: 'open' })
          handle() {
            return {};
          }
        }
        @Controller('open')
        @UseHooks({ before: ['crash', { plugin: 'crash' }], onFault: 'open' })
        class OpenController {
          @Post()
          handle() {
            return {};
          }

          @Post('closed')
          @UseHooks({ before: { plugin: 'crash' } })
          closed() {
            return {};
          }
        }
        const url = await serve({ controllers: [ClosedController, OpenController] });

        expect((await postJson(url, {})).status).toBe(500);
        expect((await postJson(`${url}open`, {})).status).toBe(201);
        expect((await postJson(`${url}open/closed`, {})).status).toBe(500);
      });
    });
  });
}
