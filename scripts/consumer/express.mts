import express from 'express';
import { WasmRuntime } from 'hookcell';
import { problemHandler, reject, wasmHooks } from 'hookcell/express';
import type { NativeHook, StandardSchema } from 'hookcell/express';

interface SignUp {
  email: string;
}

declare const input: StandardSchema<SignUp, SignUp>;
const runtime = new WasmRuntime();
const notEmpty: NativeHook<SignUp, unknown, object> = (context) =>
  context.input.email === '' ? reject('an address is needed', { status: 400 }) : undefined;

export const app = express();
app.use(express.json());
app.post('/users', wasmHooks(runtime, { before: [notEmpty, 'plugin'], schema: { input } }), (request, response) => {
  response.json(request.body.email.toLowerCase());
});
app.use(problemHandler());

// @ts-expect-error: the types refuse an unknown option.
wasmHooks(runtime, { befor: 'plugin' });
