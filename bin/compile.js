'use strict';
// The last step of building the program: keeps what V8 makes of each module, all of its functions, for load.js.
const { readdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { PROGRAM, compile, setFlags } = require('./load.js');

// V8 takes compiled code of the same flags only.
setFlags();
for (const name of readdirSync(PROGRAM).filter((one) => /-[\w-]{8}\.js$/.test(one))) {
  setFlagsFromString('--no-lazy');
  const script = compile(name);
  setFlagsFromString('--lazy');
  writeFileSync(join(PROGRAM, `${name}.v8`), script.createCachedData());
}
