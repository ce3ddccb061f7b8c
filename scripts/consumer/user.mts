import express from 'express';
import Fastify from 'fastify';
import { WasmRuntime } from 'hookcell';
import { wasmHooks } from 'hookcell/express';
import { hookcell } from 'hookcell/fastify';

// As the pages show it: the application declares the type of its user.
declare global {
  namespace Express {
    interface Request {
      user?: { id: string; role: string; tenant: string };
    }
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    user?: { id: string; role: string };
  }
}

const runtime = new WasmRuntime();
export const app = express();
app.use(wasmHooks(runtime, { before: 'plugin', user: (req) => req.user, tenantId: (req) => req.user?.tenant }));

export const fastify = Fastify();
await fastify.register(hookcell, { runtime, user: (request) => request.user });

// @ts-expect-error: the type is the declared one, not any.
wasmHooks(runtime, { before: 'plugin', user: (req) => req.user.id.length });
