#!/usr/bin/env node
'use strict';
const { setFlagsFromString } = require('node:v8');

// Node 20's V8 optimises each function that is run for some milliseconds, which for a program that ends in seconds is a sixth of its
// CPU time. Later ones wait longer themselves, and call the flag otherwise. V8 takes compiled code of the same flags only.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--interrupt-budget=1000000');

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
