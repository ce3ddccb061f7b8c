// What hooks see of responses, and how exceptions are handled.

import { Controller, ForbiddenException, Get, Header, HttpCode, Res, Sse, StreamableFile } from '@nestjs/common';
import type { ArgumentsHost, HttpException } from '@nestjs/common';
import { HookcellModule, HookException, UseHooks } from 'hookcell/nest';
import { from, of } from 'rxjs';

import { postJson } from '../../support/http';
import { closeApps, echoController, hookcell, serveNest } from './app';
import type { AnyHooks, Platform, Served } from './app';
/** Tests of responses on a version of Nest. */
export function describeAnswers(name: string): void {
  describe.each<Platform>(['Express', 'Fastify'])(`on ${name} and %s,`, (platform) => {
    afterEach(closeApps);

    const serve = (served: Served) => serveNest({ platform, ...served });

    const echoing = (hooks: AnyHooks, served: Served = {}) =>
      serve({ ...served, controllers: [echoController(hooks)] });

    /** Serves `GET /` with a hook after the handler that marks every response that it sees. */
    async function answering(answer: () => unknown, { after = 'enrich', ...hooks }: AnyHooks = {}): Promise<Response> {
      @Controller()
      class AnswerController {
        @Get()
        @UseHooks({ ...hooks, after })
        answer() {
          return answer();
        }
      }
      return await fetch(await serve({ controllers: [AnswerController] }));
    }

    describe('exception filters', () => {
      test('get an HttpException if hooks end a request', async () => {
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

      test('may replace the module’s own', async () => {
        const module = HookcellModule.forRoot({ ...hookcell, problemFilter: false });
        const answer = await postJson(await echoing({ before: 'no' }, { module }), {});

        expect(answer).toMatchObject({ status: 422, body: { error: 'not today' } });
        expect(answer.headers.get('content-type')).toMatch('application/json');
      });

      test('may send all enumerable members of an exception, which show nothing of the server', async () => {
        class Filter {
          catch(exception: Error, host: ArgumentsHost) {
            const response = host.switchToHttp().getResponse<{ status(code: number): { send(body: object): void } }>();
            const { message, stack } = exception;
            response.status(500).send({ ...exception, message, stack, json: exception, text: String(exception) });
          }
        }
        const prepare: Served['prepare'] = (app) => void app.useGlobalFilters(new Filter());

        for (const before of ['/srv/secret.wasm', 'crash']) {
          for (const served of [{ prepare }, {}]) {
            const { status, text } = await postJson(await echoing({ before, lateLoading: true }, served), {});

            expect(status).toBe(500);
            expect(text).toMatch(/internal server error/i);
            expect(text).not.toMatch(/srv|secret|crash|trap|unreachable|wasm|node_modules|\.[jt]s\b/i);
          }
        }
      });

      test('get what a native hook or a resolver throws, or `problem` returns, as it is', async () => {
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

    describe('hooks after the handler', () => {
      test('see objects and arrays, also from a promise or as the last value of an Observable', async () => {
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

      test('see a response of an error status if afterErrors is on', async () => {
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

      test('do not see events, but hooks before the handler run', async () => {
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

      test('do not see events, which are not sent if a hook before the handler rejects', async () => {
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

        // Nest may have begun to send events by then, and sends the error as one.
        expect(await answer.text()).toMatch('not today');
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

      test('keep the headers of the handler', async () => {
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
  });
}
