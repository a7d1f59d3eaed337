import type { Bytes } from '../shell/types.js';
import { Failure } from './console.js';

/** How an option is used: alone, or with a value. `name` is under which it is found again. */
interface OptionForm {
  readonly name: string;
  readonly value: boolean;
}

export interface ParsedOptions {
  readonly operands: readonly Bytes[];
  has(name: string): boolean;
  /** The last value that was given. */
  get(name: string): Bytes | undefined;
  all(name: string): readonly Bytes[];
}

/**
 * Parses options as getopt_long(3) does: operands may stand between options, `--` ends them, long names may be shortened,
 * short ones clustered.
 *
 * @param spec a line such as `q,quiet package: h,home:` – spellings of one option by commas, a colon where it takes a value;
 *   the last spelling is its name. A leading `+` means that the first operand ends the options.
 * @throws Failure for an option that is not in `spec` or lacks its value.
 */
export function parseOptions(args: readonly Bytes[], spec: string, status = 1): ParsedOptions {
  const posix = spec.startsWith('+');
  const forms = formsOf(posix ? spec.slice(1) : spec);
  const found = new Map<string, Bytes[]>();
  const operands: Bytes[] = [];
  const note = (form: OptionForm, value: Bytes): void => {
    found.set(form.name, [...(found.get(form.name) ?? []), value]);
  };
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    const next = (): Bytes => {
      at += 1;
      const value = args[at];
      if (value === undefined) throw new Failure(`option requires an argument -- '${arg.replace(/^-+/, '')}'`, status);
      return value;
    };
    if (arg === '--') {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const equals = arg.indexOf('=');
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
      const form = longForm(forms, name);
      if (form === undefined) throw new Failure(`unrecognized option '${arg}'`, status);
      if (!form.value) note(form, '');
      else note(form, equals < 0 ? next() : arg.slice(equals + 1));
    } else if (arg.startsWith('-') && arg !== '-') {
      for (let i = 1; i < arg.length; i++) {
        const letter = arg[i] ?? '';
        const form = forms.get(letter);
        if (form === undefined) throw new Failure(`invalid option -- '${letter}'`, status);
        if (form.value) {
          note(form, i + 1 < arg.length ? arg.slice(i + 1) : next());
          break;
        }
        note(form, '');
      }
    } else if (posix) {
      operands.push(...args.slice(at));
      break;
    } else {
      operands.push(arg);
    }
  }
  return {
    operands,
    has: (name) => found.has(name),
    get: (name) => found.get(name)?.at(-1),
    all: (name) => found.get(name) ?? [],
  };
}

function formsOf(spec: string): Map<string, OptionForm> {
  const forms = new Map<string, OptionForm>();
  for (const word of spec.split(/\s+/).filter((part) => part !== '')) {
    const value = word.endsWith(':');
    const spellings = (value ? word.slice(0, -1) : word).split(',');
    const form = { name: spellings.at(-1) ?? '', value };
    for (const spelling of spellings) forms.set(spelling, form);
  }
  return forms;
}

/** The form of a long name, or of the only one that begins with it. */
function longForm(forms: ReadonlyMap<string, OptionForm>, name: string): OptionForm | undefined {
  const exact = name.length > 1 ? forms.get(name) : undefined;
  if (exact !== undefined) return exact;
  const close = new Set(
    [...forms].filter(([spelling]) => spelling.length > 1 && spelling.startsWith(name)).map(([, form]) => form),
  );
  return close.size === 1 ? [...close][0] : undefined;
}
