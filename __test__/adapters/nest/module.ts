// How an application with hooks is configured, tested and closed.

import { Body, Controller, Module, Post } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { HookcellModule, HookcellService, UseHooks } from 'hookcell/nest';
import type { HookcellModuleOptions } from 'hookcell/nest';
import { pluginAnswering } from 'hookcell/testing';

import { soon } from '../../support/clock';
import { postJson } from '../../support/http';
import { closeApps, makeApp, serveNest } from './app';
import type { Platform } from './app';

/** Tests of start and close on a version of Nest. */
export function describeModule(name: string): void {
  describe(`on ${name},`, () => {
    afterEach(closeApps);

    @Controller()
    class HookedController {
      @Post()
      @UseHooks({ before: 'email' })
      handle(@Body() input: unknown) {
        return input;
      }
    }

    describe('forRootAsync takes', () => {
      class Configuration {
        createHookcellOptions(): HookcellModuleOptions {
          return {
            plugins: [
              { name: 'email', bytes: pluginAnswering({ ok: true, ctx: { input: { email: 'ada@example.com' } } }) },
            ],
          };
        }
      }
      @Module({ providers: [Configuration], exports: [Configuration] })
      class ConfigurationModule {}

      test.each([
        [
          'a factory',
          HookcellModule.forRootAsync({
            imports: [ConfigurationModule],
            inject: [Configuration],
            useFactory: async (configuration: Configuration) => configuration.createHookcellOptions(),
          }),
        ],
        ['a class', HookcellModule.forRootAsync({ useClass: Configuration })],
        [
          'a provider that exists',
          HookcellModule.forRootAsync({ imports: [ConfigurationModule], useExisting: Configuration }),
        ],
      ])('%s', async (_, module) => {
        const url = await serveNest({ controllers: [HookedController], module });

        expect(await postJson(url, {})).toMatchObject({ status: 201, body: { email: 'ada@example.com' } });
      });

      test('problemFilter next to them', async () => {
        const module = HookcellModule.forRootAsync({
          useFactory: () => ({ hooks: { lateLoading: true } }),
          problemFilter: false,
        });
        const url = await serveNest({ controllers: [HookedController], module });

        expect((await postJson(url, [])).headers.get('content-type')).toMatch('application/json');
      });
    });

    test('the service can be called directly, and counts what hooks passed over', async () => {
      @Controller()
      class OpenController {
        @Post()
        @UseHooks({ before: { plugin: 'crash', onFault: 'open' } })
        handle() {
          return {};
        }
      }
      const app = await makeApp({ controllers: [OpenController] });
      await app.listen(0, '127.0.0.1');
      const service = app.get(HookcellService);

      await postJson(await app.getUrl(), {});

      expect(await service.callHook('no', 'before_hook', { input: {} })).toMatchObject({ error: 'not today' });
      expect(service.hookStats()).toMatchObject({ passedFaults: 1 });
      await app.close();
    });

    test('a test replaces the service with a stand-in', async () => {
      const callHook = jest.fn(async (_plugin: string, _hook: string, ctx: object) => ({ ok: true, ctx, usage: {} }));
      const url = await serveNest({
        controllers: [HookedController],
        hookcell: { plugins: ['./nowhere.wasm'] },
        override: (builder) => builder.overrideProvider(HookcellService).useValue({ callHook }),
      });

      expect(await postJson(url, { a: 1 })).toMatchObject({ status: 201, body: { a: 1 } });
      expect(callHook).toHaveBeenCalledTimes(1);
    });

    test('a handler with hooks can only be called by HTTP', async () => {
      const handle = jest.fn();
      @Controller()
      class MessageController {
        @UseHooks({ before: 'yes' })
        answer() {
          return handle();
        }
      }
      const app = await makeApp({ controllers: [MessageController] });
      await app.init();
      const controller = app.get(MessageController);
      const creator = app.get(ExternalContextCreator, { strict: false });
      const options = { guards: true, interceptors: true, filters: true };
      for (const type of ['rpc', 'ws', 'graphql']) {
        const call = creator.create(
          controller,
          controller.answer,
          'answer',
          undefined,
          undefined,
          undefined,
          undefined,
          options,
          type,
        ) as () => Promise<unknown>;

        await expect(call()).rejects.toThrow(/^MessageController\.answer has @UseHooks, but is not called by HTTP/);
      }
      expect(handle).not.toHaveBeenCalled();
      await app.close();
    });
  });

  describe.each<Platform>(['Express', 'Fastify'])(`on ${name} and %s,`, (platform) => {
    afterEach(closeApps);

    test('a running request gets its response before the runtime closes', async () => {
      let reached: () => void;
      const isReached = new Promise<void>((resolve) => (reached = resolve));
      let release: () => void;
      const isReleased = new Promise<void>((resolve) => (release = resolve));
      const wait = async () => {
        reached();
        await isReleased;
      };
      @Controller()
      class SlowController {
        @Post()
        @UseHooks({ before: [wait, 'email'] })
        handle(@Body() input: unknown) {
          return input;
        }
      }
      const app = await makeApp({ platform, controllers: [SlowController] });
      await app.listen(0, '127.0.0.1');
      const service = app.get(HookcellService);
      const answer = postJson(await app.getUrl(), {}, { connection: 'close' });
      await isReached;

      const closing = app.close();
      await soon();
      release!();

      expect(await answer).toMatchObject({ status: 201, body: { email: 'ada@example.com' } });
      await closing;
      await expect(service.callHook('yes', 'before_hook', { input: {} })).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    });
  });
}
