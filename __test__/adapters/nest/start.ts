// Why an application with hooks does not start.

import { Body, Controller, Injectable, Module, Post, SetMetadata } from '@nestjs/common';
import { HookcellError } from 'hookcell';
import { UseHooks } from 'hookcell/nest';
import type { HookcellModuleOptions } from 'hookcell/nest';

import { closeApps, hookcell, makeApp } from './app';
import type { Served } from './app';

/** Tests of what keeps an application from starting on a version of Nest. */
export function describeStart(name: string): void {
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
      const app = makeApp(served);
      return (await app.then((made) => made.init()).catch((error: unknown) => error)) as Error;
    }

    test('an application does not start if a plugin does not load, and the error names it', async () => {
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
      [{ config: { maxFuel: -1 } }, /^maxFuel/],
    ])('an application does not start with the options %j', async (options, message) => {
      expect((await startError({ hookcell: options })).message).toMatch(message);
    });

    test('an application does not start if options of hooks are wrong, and the error names the handler', async () => {
      @Controller()
      class WrongController {
        @Post()
        @UseHooks({ before: { plugin: 'x', timeoutMs: -1 } })
        handle() {}
      }
      @Controller()
      class EmptyController {
        @Post()
        @UseHooks({ onFault: 'open' })
        handle() {}
      }

      const wrong = await startError({ controllers: [WrongController] });
      expect(wrong).toBeInstanceOf(RangeError);
      expect(wrong.message).toMatch(/^the hooks of WrongController\.handle: timeoutMs/);
      expect((await startError({ controllers: [EmptyController] })).message).toMatch(
        /^the hooks of EmptyController\.handle: @UseHooks takes before, after, or both/,
      );
    });

    test('an application does not start if hooks would never run', async () => {
      @Module({})
      class OtherModule {}

      const error = await startError({ controllers: [HookedController], module: { module: OtherModule } });

      expect(error.message).toMatch(/@UseHooks, but HookcellModule\.forRoot\(\) is not imported/);
    });

    test('an application does not start if another decorator replaced a method with hooks', async () => {
      const wrap: MethodDecorator = (_target, _name, descriptor) => {
        const handle = descriptor.value as () => unknown;
        descriptor.value = function wrapped(this: unknown) {
          return handle.call(this);
        } as never;
      };
      @Controller()
      class WrappedController {
        @Post()
        @wrap
        @UseHooks({ before: 'yes' })
        create() {
          return {};
        }
      }
      class DerivedController extends WrappedController {
        @Post()
        @UseHooks({ before: 'yes' })
        override create() {
          return {};
        }
      }
      Controller()(DerivedController);

      const error = await startError({ controllers: [WrappedController] });

      expect(error.message).toMatch(/^WrappedController\.create has @UseHooks under a decorator/);
      // It starts: the method of the subclass has hooks of its own.
      expect(await startError({ controllers: [DerivedController] })).not.toHaveProperty('message');
    });

    test('@UseHooks refuses an unknown option, and a second @UseHooks', () => {
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

    test.each<[string, () => Served]>([
      [
        'a handler takes messages',
        () => {
          @Controller()
          class OrdersController {
            @UseHooks({ before: 'yes' })
            @SetMetadata('microservices:pattern', ['placed'])
            wrong() {}
          }
          return { controllers: [OrdersController] };
        },
      ],
      [
        'a controller with hooks has a handler that takes messages',
        () => {
          @Controller()
          @UseHooks({ before: 'yes' })
          class OrdersController {
            @Post()
            right() {}

            @SetMetadata('microservices:pattern', ['placed'])
            wrong() {}
          }
          return { controllers: [OrdersController] };
        },
      ],
      [
        'a method of a gateway has hooks',
        () => {
          @SetMetadata('websockets:is_gateway', true)
          @Injectable()
          class OrdersGateway {
            @UseHooks({ before: 'yes' })
            @SetMetadata('websockets:message_mapping', true)
            wrong() {}
          }
          return { providers: [OrdersGateway] };
        },
      ],
      [
        'a gateway has hooks',
        () => {
          @UseHooks({ before: 'yes' })
          @SetMetadata('websockets:is_gateway', true)
          @Injectable()
          class WrongGateway {
            @SetMetadata('websockets:message_mapping', true)
            handle() {}
          }
          return { providers: [WrongGateway] };
        },
      ],
    ])('an application does not start if %s', async (_, served) => {
      const { message } = await startError(served());

      expect(message).toMatch(
        /^(Orders\w+\.wrong|WrongGateway) has @UseHooks, but is not called by HTTP: .*HookcellService/,
      );
    });

    test.each([
      [{ before: 'nobody' }, 'ERR_NOT_LOADED', /the hooks of MissingController\.handle: before\[0\] calls "nobody"/],
      [{ after: { plugin: 'yes', hook: 'around' } }, 'ERR_NO_HOOK', /after\[0\] calls "around" of "yes"/],
    ])('an application does not start with hooks that cannot be called: %j', async (hooks, code, message) => {
      @Controller()
      class MissingController {
        @Post()
        @UseHooks(hooks)
        handle() {}
      }

      expect(await startError({ controllers: [MissingController] })).toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
      const allowed = { ...hookcell, hooks: { ...hookcell.hooks, lateLoading: true } };
      if (code === 'ERR_NOT_LOADED') {
        expect(await startError({ controllers: [MissingController], hookcell: allowed })).not.toBeInstanceOf(Error);
      }
    });
  });
}
