// What plugins do not see, because clients do not see it.

import { ClassSerializerInterceptor, Controller, Get, UseInterceptors } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Exclude } from 'class-transformer';
import { UseHooks } from 'hookcell/nest';

import { closeApps, serveNest } from './app';
import type { Platform, Served } from './app';

class User {
  id = 7;
  @Exclude()
  password = 'secret';
}

/** Tests of what hooks after a handler see on a version of Nest. */
export function describeHidden(name: string): void {
  describe.each<Platform>(['Express', 'Fastify'])(`on ${name} and %s,`, (platform) => {
    afterEach(closeApps);

    const serve = (served: Served) => serveNest({ platform, ...served });

    test('plugins do not see what a serializer hides from clients', async () => {
      const seen: unknown[] = [];
      @Controller()
      @UseInterceptors(ClassSerializerInterceptor)
      class UserController {
        @Get()
        @UseHooks({ after: ({ data }) => void seen.push(data) })
        find() {
          return new User();
        }
      }

      await fetch(await serve({ controllers: [UserController] }));

      expect(seen).toEqual([{ id: 7 }]);
    });

    test('plugins do not see what a serializer of the whole application hides from clients', async () => {
      const seen: unknown[] = [];
      @Controller()
      class UserController {
        @Get()
        @UseHooks({ after: ({ data }) => void seen.push(data) })
        find() {
          return new User();
        }
      }

      await fetch(
        await serve({
          controllers: [UserController],
          providers: [{ provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor }],
        }),
      );

      expect(seen).toEqual([{ id: 7 }]);
    });

    test('plugins do not see what the platform hides from clients', async () => {
      const seen: unknown[] = [];
      @Controller()
      class UserController {
        @Get()
        @UseHooks({ after: [({ data }) => void seen.push(data), 'yes'] })
        find() {
          return { id: 7, password: 'secret' };
        }
      }
      const hide = (key: string, value: unknown) => (key === 'password' ? undefined : value);
      const prepare: Served['prepare'] = (app) => {
        const instance = app.getHttpAdapter().getInstance() as {
          set(setting: string, value: unknown): void;
          addHook(name: string, hook: (route: { schema?: object }) => void): void;
        };
        if (platform === 'Express') {
          instance.set('json replacer', hide);
        } else {
          const schema = { response: { 200: { type: 'object', properties: { id: { type: 'number' } } } } };
          instance.addHook('onRoute', (route) => void (route.schema = schema));
        }
      };

      const answer = await fetch(await serve({ controllers: [UserController], prepare }));

      expect(await answer.json()).toEqual({ id: 7 });
      expect(seen).toEqual([{ id: 7 }]);
    });
  });
}
