import express from 'express';
import { WasmRuntime } from 'hookcell';
import { wasmHooks } from 'hookcell/express';

const runtime = new WasmRuntime();

export const app = express();
app.use(express.json());
app.post('/users', wasmHooks(runtime, { before: 'plugin' }), (request, response) => {
  response.json(request.body);
});
