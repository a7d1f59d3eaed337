#!/usr/bin/env node
'use strict';
const { setFlags } = require('./load.js');

setFlags();

async function start() {
  try {
    const { main } = require('../dist/program/main.js');
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    // Only where not even the program can be read.
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    const hint = error?.code === 'MODULE_NOT_FOUND' ? 'hint: in a clone, npm run build makes the program\n' : '';
    process.stderr.write(`koala-bootstrap: cannot start: ${reason}\n${hint}`);
    process.exitCode = 1;
  }
}

start();
