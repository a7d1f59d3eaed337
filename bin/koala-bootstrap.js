#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// Node 20's V8 optimises each function that is run for some milliseconds, which for a program that ends in seconds is a sixth of its
// CPU time. Later ones wait longer themselves, and call the flag otherwise.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--interrupt-budget=1000000');
try {
  const { main } = await import('../dist/program/main.js');
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Only where not even the program can be read: without a file descriptor that is free, for example.
  process.stderr.write(`koala-bootstrap: cannot start: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
