#!/usr/bin/env node
import { runProgram } from '@hookcell/cli';

void runProgram(['init', ...process.argv.slice(2)]);
