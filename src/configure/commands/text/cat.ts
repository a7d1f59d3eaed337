import { command } from '../kit/call.js';
import { fullLinesOf } from '../kit/text.js';

/** cat(1). */
export const cat = command(
  [
    '-n --number',
    '-b --number-nonblank',
    '-s --squeeze-blank',
    '-E --show-ends',
    '-T --show-tabs',
    '-v --show-nonprinting',
    '-A --show-all',
    '-e',
    '-t',
    '-u',
  ],
  (call) => {
    const { options } = call;
    const ends = options.has('show-ends', 'show-all', 'e');
    const tabs = options.has('show-tabs', 'show-all', 't');
    const visible = options.has('show-nonprinting', 'show-all', 'e', 't');
    const numbers = options.last('number-nonblank', 'number');
    const squeezes = options.has('squeeze-blank');
    const plain = !ends && !tabs && !visible && !squeezes && numbers === undefined;
    let count = 0;
    let wasBlank = false;
    for (const { text } of call.inputs()) {
      if (plain) {
        call.write(text);
        continue;
      }
      for (const full of fullLinesOf(text)) {
        const isBlank = full === '\n';
        if (squeezes && isBlank && wasBlank) continue;
        wasBlank = isBlank;
        const ended = full.endsWith('\n');
        const line = ended ? full.slice(0, -1) : full;
        const shown = visible || tabs ? Array.from(line, (byte) => show(byte, tabs, visible)).join('') : line;
        if (numbers === 'number' || (numbers !== undefined && !isBlank)) {
          count += 1;
          call.write(`${String(count).padStart(6)}\t`);
        }
        call.write(shown + (ended ? (ends ? '$\n' : '\n') : ''));
      }
    }
    return undefined;
  },
);

/** One byte as `cat -v` shows it: `^C`, `M-a`. */
function show(byte: string, tabs: boolean, visible: boolean): string {
  const code = byte.charCodeAt(0);
  if (code === 9) return tabs ? '^I' : byte;
  if (!visible) return byte;
  if (code >= 128) return `M-${show(String.fromCharCode(code - 128), true, true)}`;
  if (code < 32) return `^${String.fromCharCode(code + 64)}`;
  return code === 127 ? '^?' : byte;
}
