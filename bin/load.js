'use strict';
/**
 * Reads the modules of dist/program as `require` does, and what V8 made of them when the program was built (compile.js): compiling is a
 * tenth of the CPU time of a build from a warm cache. Node 22 can do that itself, but no earlier one.
 */
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const PROGRAM = join(__dirname, '../dist/program');
const known = new Map();

/**
 * Tells Node 20's V8 that this program ends in seconds. Optimising each function that is run for some milliseconds is a sixth of
 * the CPU time otherwise (later ones wait longer themselves, and call the flag otherwise), and marking what is in use beside the
 * program, again and again in a small heap, some 5 %.
 */
function setFlags() {
  if (!process.versions.node.startsWith('20.')) return;
  setFlagsFromString('--interrupt-budget=1000000');
  setFlagsFromString('--no-incremental-marking');
}

/** In place of `import`, which compiled code that was kept cannot do. Of openpgp the CommonJS form is read in half the time. */
async function importPackage(name) {
  return name === 'openpgp' ? require(name) : import(name);
}

/** A module as a function, much as Node makes one of it. */
function compile(name, cachedData) {
  const filename = join(PROGRAM, name);
  const text = `(function (exports, require, module, __filename, importPackage) { ${readFileSync(filename, 'utf8')}\n})`;
  return new Script(text, { filename, cachedData });
}

/** What V8 made of a module. It is not believed where another V8 made it, or of another text. */
function compiled(name) {
  try {
    return readFileSync(join(PROGRAM, `${name}.v8`));
  } catch {
    return undefined;
  }
}

/** @returns what a module of dist/program exports */
function load(name) {
  const before = known.get(name);
  if (before !== undefined) return before.exports;
  const script = compile(name, compiled(name));
  const module = { exports: {} };
  known.set(name, module);
  const filename = join(PROGRAM, name);
  const packages = createRequire(filename);
  const require = (id) => (id.startsWith('./') ? load(id.slice(2)) : packages(id));
  script.runInThisContext()(module.exports, require, module, filename, importPackage);
  return module.exports;
}

module.exports = Object.assign(load, { PROGRAM, compile, compiled, setFlags });
