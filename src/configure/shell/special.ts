import type { Bytes } from './types.js';

/** POSIX.1-2017, 2.14, and dash's `local`. */
const SPECIAL_BUILTINS = new Set([
  ...['.', ':', 'break', 'continue', 'eval', 'exec', 'exit', 'export', 'local', 'readonly', 'return', 'set'],
  ...['shift', 'times', 'trap', 'unset'],
]);

export function isSpecialBuiltin(name: Bytes): boolean {
  return SPECIAL_BUILTINS.has(name);
}
