// What NestJS has beside what every adapter does; the tests of each version run it.

import {
  Body,
  ClassSerializerInterceptor,
  Controller,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  Module,
  Post,
  Res,
  Sse,
  StreamableFile,
  UseGuards,
  UseInterceptors,
  ValidationPipe,
} from '@nestjs/common';
import type { ArgumentsHost, CallHandler, HttpException, PipeTransform } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { Exclude } from 'class-transformer';
import { IsEmail } from 'class-validator';
import { HookcellError } from 'hookcell';
import { HookcellModule, HookcellService, HookException, reject, UseHooks } from 'hookcell/nest';
import type { HookcellModuleOptions, NativeHook, UseHooksOptions } from 'hookcell/nest';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';
import { from, map, of } from 'rxjs';
import { z } from 'zod';

import { soon } from '../support/clock';
import { postJson } from '../support/http';
import { closeApps, makeApp, serveNest } from '../support/nest';
import type { Platform, Served } from '../support/nest';

type AnyHook = NativeHook<any, any, any>;

const plugins: HookcellModuleOptions['plugins'] = [
  { name: 'yes', bytes: pluginAnswering({ ok: true }) },
  { name: 'no', bytes: pluginAnswering({ ok: false, error: 'not today', details: [{ field: 'email' }] }) },
  { name: 'email', bytes: pluginAnswering({ ok: true, ctx: { input: { email: 'ada@example.com' } } }) },
  { name: 'broken-email', bytes: pluginAnswering({ ok: true, ctx: { input: { email: 'ada' } } }) },
  { name: 'enrich', bytes: pluginAnswering({ ok: true, ctx: { data: { rich: true } } }) },
  { name: 'crash', bytes: pluginFailing() },
];
const hookcell: HookcellModuleOptions = { plugins, runtime: { logger: false }, hooks: { logger: false, circuitBreaker: false } };

/** Runs what is Nest's own. */
export function describeNest(name: string): void {
  describe.each<Platform>(['Express', 'Fastify'])(`on ${name} and %s,`, (platform) => {
    afterEach(closeApps);

    const serve = (served: Served) => serveNest({ hookcell, platform, ...served });

    /** Serves `POST /` with hooks, and a handler that answers with its input. */
    function echoing(hooks: UseHooksOptions<any, any, any, any, any>, served: Served = {}): Promise<string> {
      @Controller()
      class EchoController {
        @Post()
        @UseHooks(hooks)
        echo(@Body() input: unknown) {
          return { got: input };
        }
      }
      return serve({ ...served, controllers: [EchoController] });
    }

    /** Serves `GET /` with a hook after the handler that would show in any answer it sees. */
    async function answering(
      answer: () => unknown,
      hooks: UseHooksOptions<any, any, any, any, any> = { after: 'enrich' },
    ): Promise<Response> {
      @Controller()
      class AnswerController {
        @Get()
        @UseHooks(hooks)
        answer() {
          return answer();
        }
      }
      return await fetch(await serve({ controllers: [AnswerController] }));
    }

    test('hooks run behind guards, around interceptors, and before pipes', async () => {
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

    test('what a plugin made of a body is validated as if the client had sent it', async () => {
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

    test('what a serializer keeps from clients is kept from plugins', async () => {
      class User {
        id = 7;
        @Exclude()
        password = 'secret';
      }
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

    describe('hooks of a controller and of its handler', () => {
      const mark =
        (text: string): AnyHook =>
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

      test('have the nearest of each option, and that of the module where neither has it', async () => {
        const tell: AnyHook = ({ user, tenant_id }) => ({ data: { user: user?.id, tenant_id } });
        @Controller()
        @UseHooks({ tenantId: 'controller', user: { id: 'controller', role: '' } })
        class ToldController {
          @Get()
          @UseHooks({ after: tell, tenantId: 'handler', user: undefined })
          tell() {
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
        expect(await (await fetch(`${url}module`)).json()).toEqual({ tenant_id: 'module' });
      });

      test('keep policies of their own', async () => {
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

    describe('exception filters', () => {
      test('see what hooks end as an HttpException', async () => {
        const seen: HttpException[] = [];
        class Filter {
          catch(exception: HttpException, host: ArgumentsHost) {
            seen.push(exception);
            const response = host.switchToHttp().getResponse<{ status(code: number): { send(body: object): void } }>();
            response.status(418).send({ mine: exception.getStatus() });
          }
        }
        const url = await echoing({ before: 'no' }, { prepare: (app) => void app.useGlobalFilters(new Filter()) });

        expect(await postJson(url, {})).toMatchObject({ status: 418, body: { mine: 422 } });
        expect(seen).toEqual([expect.any(HookException)]);
        expect(seen[0]?.message).toBe('not today');
        expect(seen[0]?.getResponse()).toEqual({
          title: 'Unprocessable Entity',
          status: 422,
          error: 'not today',
          details: [{ field: 'email' }],
        });
        expect(seen[0]).toHaveProperty('failure.plugin', 'no');
        expect(JSON.stringify(seen[0])).not.toMatch(/plugin/);
      });

      test('may be all but the module’s own', async () => {
        const module = HookcellModule.forRoot({ ...hookcell, problemFilter: false });
        const answer = await postJson(await echoing({ before: 'no' }, { module }), {});

        expect(answer).toMatchObject({ status: 422, body: { error: 'not today' } });
        expect(answer.headers.get('content-type')).toMatch('application/json');
      });

      test('get what a native hook, a resolver or `problem` throws or returns as it is', async () => {
        const forbidden = () => {
          throw new ForbiddenException('editors only');
        };
        const expected = { status: 403, body: { message: 'editors only', statusCode: 403 } };

        expect(await postJson(await echoing({ before: forbidden }), {})).toMatchObject(expected);
        expect(await postJson(await echoing({ before: 'yes', user: forbidden }), {})).toMatchObject(expected);
        const problem = () => new ForbiddenException('editors only');
        expect(await postJson(await echoing({ before: 'no', problem }), {})).toMatchObject(expected);
      });
    });

    test('what the schema makes of an input is what the handler gets', async () => {
      const input = z.object({ email: z.string(), plan: z.string().default('free') });
      const url = await echoing({ before: 'email', schema: { input } });

      expect(await postJson(url, {})).toMatchObject({ body: { got: { email: 'ada@example.com', plan: 'free' } } });
    });

    test('the input may be something else than the body, and go elsewhere', async () => {
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

      expect(await postJson(`${url}api`, {})).toMatchObject({ status: 201, body: { got: { email: 'ada@example.com' } } });
    });

    test('a request without a body is an empty input', async () => {
      const answer = await answering(() => ({}), { before: ({ input }) => void expect(input).toEqual({}) });

      expect(answer.status).toBe(200);
    });

    describe('hooks after the handler', () => {
      test('see objects and arrays, at once, as a promise or as the last value of an Observable', async () => {
        for (const answer of [{ a: 1 }, [1], Promise.resolve({}), of({}), from([{ a: 1 }, { a: 2 }])]) {
          const runs = jest.fn();

          const response = await answering(() => answer, { after: ['enrich', runs] });

          expect(await response.json()).toEqual({ rich: true });
          expect(runs).toHaveBeenCalledTimes(1);
        }
      });

      test.each([
        ['a text', () => 'text', 'text'],
        ['nothing', () => undefined, ''],
        ['a buffer in a file', () => new StreamableFile(Buffer.from('file')), 'file'],
      ])('do not see %s', async (_, answer, text) => {
        expect(await (await answering(answer)).text()).toBe(text);
      });

      test('see an answer of an error status where they ask for it', async () => {
        @Controller()
        class MissingController {
          @Get('unseen')
          @HttpCode(404)
          @UseHooks({ after: 'enrich' })
          unseen() {
            return {};
          }

          @Get('seen')
          @HttpCode(404)
          @UseHooks({ after: 'enrich', afterErrors: true })
          seen() {
            return {};
          }
        }
        const url = await serve({ controllers: [MissingController] });

        expect(await (await fetch(`${url}unseen`)).json()).toEqual({});
        expect(await (await fetch(`${url}seen`)).json()).toEqual({ rich: true });
      });

      test('do not see what a handler sends itself, whatever it returns', async () => {
        @Controller()
        class SendingController {
          @Get()
          @UseHooks({ before: 'email', after: 'crash' })
          send(@Res() response: { send(body: object): void }) {
            response.send({ sent: true });
            return { returned: true };
          }
        }

        const answer = await fetch(await serve({ controllers: [SendingController] }));

        expect(answer.status).toBe(200);
        expect(await answer.json()).toEqual({ sent: true });
      });

      test('do not see events, before which hooks run none the less', async () => {
        const before = jest.fn();
        @Controller()
        class EventController {
          @Sse()
          @UseHooks({ before, after: 'crash' })
          events() {
            return from([{ data: { n: 1 } }, { data: { n: 2 } }]);
          }
        }

        const text = await (await fetch(await serve({ controllers: [EventController] }))).text();

        expect(text).toMatch(/data: {"n":1}[^]*data: {"n":2}/);
        expect(before).toHaveBeenCalledTimes(1);
      });

      test('do not see events that hooks before them have refused', async () => {
        const events = jest.fn(() => of({ data: 1 }));
        @Controller()
        class RefusedController {
          @Sse()
          @UseHooks({ before: 'no' })
          events() {
            return events();
          }
        }

        const answer = await fetch(await serve({ controllers: [RefusedController] }));

        expect([answer.status, await answer.text()]).toBe(422);
        expect(events).not.toHaveBeenCalled();
      });

      test('do not see an exception', async () => {
        const answer = await answering(
          () => {
            throw new ForbiddenException('editors only');
          },
          { after: 'crash', afterErrors: true },
        );

        expect(answer.status).toBe(403);
      });

      test('leave the headers of the handler', async () => {
        @Controller()
        class HeaderController {
          @Get()
          @Header('x-own', 'yes')
          @UseHooks({ after: 'enrich' })
          answer() {
            return {};
          }
        }

        expect((await fetch(await serve({ controllers: [HeaderController] }))).headers.get('x-own')).toBe('yes');
      });
    });

    test('a request under way is answered before the runtime closes, which it then is', async () => {
      let reached: () => void;
      const isReached = new Promise<void>((resolve) => (reached = resolve));
      let release: () => void;
      const isReleased = new Promise<void>((resolve) => (release = resolve));
      const wait: AnyHook = async () => {
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
      const app = await makeApp({ hookcell, platform, controllers: [SlowController] });
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

    /** Why an application does not start. */
    async function startError(served: Served): Promise<Error> {
      const app = makeApp({ hookcell, ...served });
      return (await app.then((made) => made.init()).catch((error: unknown) => error)) as Error;
    }

    test('an application does not start where a plugin does not load, and names it', async () => {
      const error = await startError({ hookcell: { plugins: ['./nowhere.wasm'] } });

      expect(error).toBeInstanceOf(HookcellError);
      expect(error).toMatchObject({ code: 'ERR_READ' });
      expect(error.message).toMatch(/^the plugin \.\/nowhere\.wasm did not load: /);
    });

    test.each<[HookcellModuleOptions | object, RegExp]>([
      [{ plugins: [{ name: 'x', bytes: Buffer.from('?') }] }, /^the plugin x did not load: /],
      [{ plugins: [{ name: 'x', bytes: 'text' }] }, /^the plugin x did not load: the bytes must be/],
      [{ plugins: [{ path: 'x', maxFuel: -1 }] }, /^the plugin x did not load: maxFuel/],
      [{ plugins: [7] }, /^a plugin must be a path, or an object with a path or a name, got a number/],
      [{ plugins: 'x' }, /^plugins must be an array/],
      [{ plugin: [] }, /^the options of HookcellModule: unknown option 'plugin'/],
      [{ hooks: { before: 'x' } }, /^hooks: unknown option 'before'/],
      [{ runtime: { maxFuel: -1 } }, /^maxFuel/],
    ])('an application does not start with the options %j', async (options, message) => {
      expect((await startError({ hookcell: options })).message).toMatch(message);
    });

    test('an application does not start where hooks are wrong, and says whose', async () => {
      @Controller()
      class WrongController {
        @Post()
        @UseHooks({ before: { plugin: 'x', timeoutMs: -1 } })
        handle() {}
      }
      @Controller()
      @UseHooks({ onFault: 'open' })
      class EmptyController {
        @Post()
        handle() {}
      }

      const wrong = await startError({ controllers: [WrongController] });
      expect(wrong).toBeInstanceOf(RangeError);
      expect(wrong.message).toMatch(/^the hooks of WrongController\.handle: timeoutMs/);
      expect((await startError({ controllers: [EmptyController] })).message).toMatch(
        /^the hooks of EmptyController\.handle: @UseHooks takes before, after, or both/,
      );
    });

    test('an application does not start where hooks would never run', async () => {
      @Module({})
      class OtherModule {}

      const error = await startError({ controllers: [HookedController], module: { module: OtherModule } });

      expect(error.message).toMatch(/@UseHooks, and HookcellModule\.forRoot\(\) is not imported/);
    });

    test('@UseHooks refuses an unknown option, and a second of its kind', () => {
      expect(() => UseHooks({ befor: 'x' } as object)).toThrow(/^@UseHooks: unknown option 'befor'/);
      expect(() => {
        @UseHooks({ before: 'x' })
        @UseHooks({ before: 'x' })
        class TwiceController {}
        return TwiceController;
      }).toThrow('TwiceController has @UseHooks twice');
      expect(() => {
        class TwiceController {
          @UseHooks({ before: 'x' })
          @UseHooks({ before: 'x' })
          handle() {}
        }
        return TwiceController;
      }).toThrow('handle has @UseHooks twice');
    });

    describe('forRootAsync takes', () => {
      class Configuration {
        createHookcellOptions(): HookcellModuleOptions {
          return hookcell;
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

      test('problemFilter beside them', async () => {
        const module = HookcellModule.forRootAsync({ useFactory: () => hookcell, problemFilter: false });
        const url = await serveNest({ controllers: [HookedController], module });

        expect((await postJson(url, [])).headers.get('content-type')).toMatch('application/json');
      });
    });

    test('the service calls plugins by hand, and counts what hooks passed over', async () => {
      @Controller()
      class OpenController {
        @Post()
        @UseHooks({ before: { plugin: 'crash', onFault: 'open' } })
        handle() {
          return {};
        }
      }
      const app = await makeApp({ hookcell, controllers: [OpenController] });
      await app.listen(0, '127.0.0.1');
      const service = app.get(HookcellService);

      await postJson(await app.getUrl(), {});

      expect(await service.callHook('no', 'before_hook', { input: {} })).toMatchObject({ error: 'not today' });
      expect(service.hookStats()).toMatchObject({ passedFaults: 1 });
      await app.close();
    });

    test('a test puts a stand-in in the place of the service', async () => {
      const callHook = jest.fn(async (_plugin: string, _hook: string, ctx: object) => ({ ok: true, ctx, usage: {} }));
      const url = await serveNest({
        controllers: [HookedController],
        hookcell: { plugins: ['./nowhere.wasm'] },
        override: (builder) => builder.overrideProvider(HookcellService).useValue({ callHook }),
      });

      expect(await postJson(url, { a: 1 })).toMatchObject({ status: 201, body: { a: 1 } });
      expect(callHook).toHaveBeenCalledTimes(1);
    });

    test('hooks do not run where HTTP is not how a handler is called, and a log says so once', async () => {
      const before = jest.fn(() => reject('no'));
      @Controller()
      class MessageController {
        @UseHooks({ before })
        answer() {
          return 'answer';
        }
      }
      const app = await makeApp({ hookcell, controllers: [MessageController] });
      const warn = jest.fn();
      app.useLogger({ log: jest.fn(), error: jest.fn(), warn });
      await app.init();
      const controller = app.get(MessageController);
      const creator = app.get(ExternalContextCreator, { strict: false });
      const call = creator.create(controller, controller.answer, 'answer', undefined, undefined, undefined, undefined, {
        guards: true,
        interceptors: true,
        filters: true,
      }, 'rpc') as () => Promise<unknown>;

      expect([await call(), await call()]).toEqual(['answer', 'answer']);
      expect(before).not.toHaveBeenCalled();
      expect(warn.mock.calls).toEqual([
        [expect.stringMatching(/^MessageController\.answer is called by rpc, /), 'hookcell'],
      ]);
      await app.close();
    });
  });
}
