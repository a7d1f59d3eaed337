import type { Stat } from '../../shell/filesystem.js';
import type { Bytes } from '../../shell/types.js';
import type { Call } from '../kit/call.js';
import { parseMode } from '../kit/mode.js';

/** Says whether an entry is wanted. */
export type Test = (path: Bytes, stat: Stat) => boolean;

/** `N`, `+N` (more) or `-N` (less). */
export function counted(call: Call, text: Bytes): (value: number) => boolean {
  const [, sign, digits] = /^([-+]?)([0-9]+)$/.exec(text) ?? [];
  if (digits === undefined) return call.unsupported(text);
  const bound = Number(digits);
  return (value) => (sign === '+' ? value > bound : sign === '-' ? value < bound : value === bound);
}

const SIZE_UNITS: Readonly<Record<string, number>> = { c: 1, w: 2, b: 512, k: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Sizes are counted in whole units, rounded up. */
export function sizeTest(call: Call, text: Bytes): Test {
  const unit = SIZE_UNITS[text.at(-1) ?? ''];
  const test = counted(call, unit === undefined ? text : text.slice(0, -1));
  return (_, stat) => test(Math.ceil(stat.size / (unit ?? 512)));
}

/** `MODE` (exactly), `-MODE` (all of it) or `/MODE` (any of it). */
export function permTest(call: Call, text: Bytes): Test {
  const [, sign = '', mode = ''] = /^([-/]?)(.*)$/s.exec(text) ?? [];
  const bits = parseMode(mode, 0)?.(0, false) ?? call.unsupported(`-perm ${text}`);
  return (_, stat) => {
    const common = stat.mode & bits;
    return sign === '-' ? common === bits : sign === '/' ? bits === 0 || common !== 0 : stat.mode === bits;
  };
}
