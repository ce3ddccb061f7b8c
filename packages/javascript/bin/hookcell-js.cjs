#!/usr/bin/env node
'use strict';

// Not dist/ itself, because npm links a command when it installs, and in the repository dist/ is built later.
const { main } = require('../dist/command/main.js');

main(process.argv.slice(2));
