import { NestFactory } from '@nestjs/core';

import { AppModule } from './app.module';

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  // On SIGINT and SIGTERM, requests in progress end before the runtime and the database close.
  app.enableShutdownHooks();
  const port = process.env['PORT'] ?? 3000;
  await app.listen(port);
  console.log(`orders on http://localhost:${port}`);
}

void main();
