#!/usr/bin/env node
import { runProgram } from './program.js';

// A reader such as `head` may stop before the end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
});

void runProgram(process.argv.slice(2));
