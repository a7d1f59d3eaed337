#!/usr/bin/env node
try {
  const { main } = await import('../dist/program/main.js');
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Only where not even the program can be read: without a file descriptor that is free, for example.
  process.stderr.write(`koala-bootstrap: cannot start: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
