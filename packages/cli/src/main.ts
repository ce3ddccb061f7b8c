#!/usr/bin/env node
import module from 'node:module';
import path from 'node:path';

import { cacheHome } from './shared/cache-home.js';

// Node.js 22 and later keep what they compiled. By default they keep it where other users can write.
(module as { enableCompileCache?: (folder: string) => unknown }).enableCompileCache?.(path.join(cacheHome(), 'node'));

// A reader such as `head` may stop before the end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
});

const { runProgram } = require('./program.js') as typeof import('./program.js');

void runProgram(process.argv.slice(2));
