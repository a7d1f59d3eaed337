import { charge } from './budget.js';
import { compilePattern } from './pattern.js';
import type { Bytes, System } from './types.js';

/** `${x#pattern}`, and `${x##pattern}` with `longest`. */
export function trimPrefix(system: System, text: Bytes, pattern: Bytes, longest: boolean): Bytes {
  const compiled = compilePattern(pattern);
  charge(system, 'steps', (text.length * compiled.size) >> 4);
  return text.slice(compiled.prefixLength(text, longest) ?? 0);
}

/** `${x%pattern}`, and `${x%%pattern}` with `longest`. */
export function trimSuffix(system: System, text: Bytes, pattern: Bytes, longest: boolean): Bytes {
  const compiled = compilePattern(pattern);
  charge(system, 'steps', (text.length * compiled.size) >> 4);
  return text.slice(0, text.length - (compiled.suffixLength(text, longest) ?? 0));
}
