// Where hooks run: between guards and pipes, under a prefix, and on which input.

import { Body, Controller, Get, Post, UseGuards, UseInterceptors, ValidationPipe } from '@nestjs/common';
import type { CallHandler, PipeTransform } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { IsEmail } from 'class-validator';
import { reject, UseHooks } from 'hookcell/nest';
import { from, map } from 'rxjs';
import { z } from 'zod';

import { postJson } from '../../support/http';
import { closeApps, echoController, serveNest } from './app';
import type { AnyHooks, Platform, Served } from './app';

/** Tests of where hooks run on a version of Nest. */
export function describeOrder(name: string): void {
  describe.each<Platform>(['Express', 'Fastify'])(`on ${name} and %s,`, (platform) => {
    afterEach(closeApps);

    const serve = (served: Served) => serveNest({ platform, ...served });

    const echoing = (hooks: AnyHooks, served: Served = {}) =>
      serve({ ...served, controllers: [echoController(hooks)] });

    test('hooks run after guards, around interceptors, and before pipes', async () => {
      const trace: string[] = [];
      const tell = (what: string) => () => void trace.push(what);
      class Guard {
        canActivate() {
          trace.push('guard');
          return true;
        }
      }
      class Interceptor {
        intercept(_: unknown, next: CallHandler) {
          trace.push('interceptor before');
          return next.handle().pipe(
            map((data: unknown) => {
              trace.push('interceptor after');
              return data;
            }),
          );
        }
      }
      class Pipe implements PipeTransform {
        transform(value: unknown) {
          trace.push(`pipe ${JSON.stringify(value)}`);
          return value;
        }
      }
      @Controller()
      @UseGuards(Guard)
      @UseInterceptors(Interceptor)
      class TracedController {
        @Post()
        @UseHooks({ before: [tell('before'), 'email'], after: tell('after') })
        handle(@Body(Pipe) _input: unknown) {
          trace.push('handler');
          return {};
        }
      }

      await postJson(await serve({ controllers: [TracedController] }), {});

      expect(trace).toEqual([
        'guard',
        'before',
        'interceptor before',
        'pipe {"email":"ada@example.com"}',
        'handler',
        'interceptor after',
        'after',
      ]);
    });

    test('a body that a plugin changed is validated as if the client had sent it', async () => {
      class SignUp {
        @IsEmail()
        email!: string;
      }
      @Controller()
      class SignUpController {
        @Post('kept')
        @UseHooks({ before: 'email' })
        kept(@Body() input: SignUp) {
          return { isSignUp: input instanceof SignUp, ...input };
        }

        @Post('broken')
        @UseHooks({ before: 'broken-email' })
        broken(@Body() input: SignUp) {
          return input;
        }
      }
      const prepare: Served['prepare'] = (app) => app.useGlobalPipes(new ValidationPipe({ transform: true }));
      const url = await serve({ controllers: [SignUpController], prepare });

      expect(await postJson(`${url}kept`, { email: '?' })).toMatchObject({
        status: 201,
        body: { isSignUp: true, email: 'ada@example.com' },
      });
      expect(await postJson(`${url}broken`, { email: 'ada@example.com' })).toMatchObject({
        status: 400,
        body: { message: ['email must be an email'] },
      });
    });

    test.each(['of the application', 'of the server'])(
      'an interceptor %s that answers keeps no hooks from running',
      async (of) => {
        const handle = jest.fn();
        class Cache {
          intercept() {
            return from([{ cached: true }]);
          }
        }
        @Controller()
        class CachedController {
          @Post()
          @UseHooks({ before: ({ input }) => (input['ok'] === true ? undefined : reject('no')), after: 'enrich' })
          handle() {
            return handle();
          }
        }
        const url = await serve({
          controllers: [CachedController],
          ...(of === 'of the server'
            ? { prepare: (app) => void app.useGlobalInterceptors(new Cache()) }
            : { providers: [{ provide: APP_INTERCEPTOR, useClass: Cache }] }),
        });

        expect(await postJson(url, {})).toMatchObject({ status: 422, body: { error: 'no' } });
        expect(await postJson(url, { ok: true })).toMatchObject({ status: 201, body: { rich: true } });
        expect(handle).not.toHaveBeenCalled();
      },
    );

    test('a body that is not parsed before the hooks is refused, and not taken as an empty input', async () => {
      const handle = jest.fn(() => ({}));
      @Controller()
      class FormController {
        @Post()
        @UseHooks({ before: 'yes' })
        handle() {
          return handle();
        }

        @Post('given')
        @UseHooks({ before: 'yes', input: {} })
        given() {
          return handle();
        }
      }
      const prepare: Served['prepare'] = (app) => {
        if (platform === 'Fastify') {
          // Like @fastify/multipart.
          const instance = app.getHttpAdapter().getInstance() as {
            addContentTypeParser(
              type: string,
              parse: (request: unknown, stream: unknown, done: (error: null) => void) => void,
            ): void;
          };
          instance.addContentTypeParser('multipart/form-data', (_request, _stream, done) => done(null));
        }
      };
      const url = await serve({ controllers: [FormController], prepare });
      const form = new FormData();
      form.set('name', 'Ada');

      const refused = await fetch(url, { method: 'POST', body: form });

      expect(refused.status).toBe(415);
      expect(await refused.json()).toMatchObject({
        error: 'no parser before the hooks reads a body of this type',
      });
      expect(handle).not.toHaveBeenCalled();
      expect((await fetch(`${url}given`, { method: 'POST', body: form })).status).toBe(201);
    });

    test('the handler gets what the schema makes of an input', async () => {
      const input = z.object({ email: z.string(), plan: z.string().default('free') });
      const url = await echoing({ before: 'email', schema: { input }, schemaAt: 'end' });

      expect(await postJson(url, {})).toMatchObject({ body: { got: { email: 'ada@example.com', plan: 'free' } } });
    });

    test('the input may come from elsewhere than the body, and be applied elsewhere', async () => {
      const url = await echoing({
        before: 'email',
        input: { email: '?' },
        applyInput: (request, input) => {
          request.body.applied = input;
        },
      });

      expect((await postJson(url, { a: 1 })).body.got).toEqual({ a: 1, applied: { email: 'ada@example.com' } });
    });

    test('hooks run under a global prefix', async () => {
      const url = await echoing({ before: 'email' }, { prepare: (app) => void app.setGlobalPrefix('api') });

      expect(await postJson(`${url}api`, {})).toMatchObject({
        status: 201,
        body: { got: { email: 'ada@example.com' } },
      });
    });

    test('a request without a body is an empty input', async () => {
      @Controller()
      class BodilessController {
        @Get()
        @UseHooks({ before: ({ input }) => void expect(input).toEqual({}) })
        find() {
          return {};
        }
      }

      expect((await fetch(await serve({ controllers: [BodilessController] }))).status).toBe(200);
    });
  });
}
