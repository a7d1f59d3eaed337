import { parseArgs } from 'node:util';
import { KoalaError } from '../formats/errors.js';
import { toolVersion } from '../formats/program.js';
import { nearest } from '../profile/nearest.js';
import { COMMANDS, type Command, type CommandRequest, isCommand } from './commands.js';
import type { CommandHelp } from './help.js';
import { DEFAULT_COLUMNS } from './text.js';

declare module 'yargs' {
  interface Argv {
    /** Of yargs 18, not yet in its types. */
    usageConfiguration(configuration: { 'hide-types': boolean }): this;
  }
}

/** What the command line asks for: text to print, or something to run. */
export type Request = { readonly type: 'print'; readonly text: string } | CommandRequest;

const MAX_HELP_COLUMNS = 100;

/**
 * Reads the command line, and runs nothing.
 *
 * @param columns the width of the terminal that help would be shown on
 * @throws KoalaError `usage`, with the nearest option or command as its hint
 */
export async function parseArguments(argv: readonly string[], columns: number | undefined): Promise<Request> {
  if (argv.length === 1 && argv[0] === '--version') return { type: 'print', text: toolVersion() };
  return parsePlain(argv) ?? parseWithHelp(argv, columns);
}

/**
 * Reads a command line without mistakes, written in the usual way. yargs, which writes the help and finds what is wrong,
 * takes a quarter of the time of a whole plan; it decides on whatever is not plain.
 *
 * @returns undefined for all other command lines
 */
export function parsePlain(argv: readonly string[]): CommandRequest | undefined {
  const name = isCommand(argv[0]) ? argv[0] : 'build';
  const words = argv.slice(name === argv[0] ? 1 : 0);
  // Empty words, the end of options, and short options with something attached, which yargs reads in a way of its own.
  if (words.some((word) => word === '' || word === '--' || /^-[^-]./.test(word))) return undefined;
  const { options, positionals, optional = false, request }: Command = COMMANDS[name];
  const shapes = Object.entries(options).map(([option, { type, alias }]) => {
    return [option, { type, multiple: true, ...(alias === undefined ? {} : { short: alias }) }] as const;
  });
  try {
    const parsed = parseArgs({ args: words, options: Object.fromEntries(shapes), allowPositionals: true });
    const isOpen = positionals.at(-1)?.endsWith('...') === true;
    const { length } = parsed.positionals;
    const isNone = optional && length === 0;
    if (!isNone && (length < positionals.length || (length > positionals.length && !isOpen))) return undefined;
    const given = Object.entries(parsed.values).map(([option, values = []]) => {
      return [option, options[option]?.array === true ? values : values.at(-1)] as const;
    });
    if (given.some(([, value]) => value === '')) return undefined;
    const named = positionals
      .slice(0, length)
      .map((positional, at) =>
        positional.endsWith('...')
          ? ([positional.slice(0, -3), parsed.positionals.slice(at)] as const)
          : ([positional, parsed.positionals[at]] as const),
      );
    return request(Object.fromEntries([...given, ...named]));
  } catch {
    return undefined;
  }
}

/** Reads any command line. */
async function parseWithHelp(argv: readonly string[], columns: number | undefined): Promise<Request> {
  const [{ default: yargs }, help, { layOutExamples, layOutUsage }] = await Promise.all([
    import('yargs'),
    import('./help.js'),
    import('./help-layout.js'),
  ]);
  let request: Request | undefined;
  let mistake: string | undefined;
  let text = '';
  const width = Math.min(columns || DEFAULT_COLUMNS, MAX_HELP_COLUMNS);
  const parser = yargs([])
    .scriptName('koala-bootstrap')
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .usageConfiguration({ 'hide-types': true })
    .usage(help.programUsage(width))
    .epilogue(help.programEpilogue(width))
    .command('$0', false, COMMANDS.build.options, (given) => {
      request = COMMANDS.build.request(given);
    });
  for (const [name, command] of Object.entries<Command>(COMMANDS)) {
    const {
      syntax = '',
      summary,
      synopsis,
      prose,
      positionals = {},
      examples = [],
    } = help.COMMAND_HELP[name as keyof typeof COMMANDS] as CommandHelp;
    parser.command(
      `${name} ${syntax}`.trimEnd(),
      summary,
      (own) => {
        for (const [positional, describe] of Object.entries(positionals)) {
          own.positional(positional, { type: 'string', describe });
        }
        own.usage(layOutUsage(synopsis, prose, width)).options(command.options);
        if (name === 'build') own.epilogue(help.programEpilogue(width));
        else if (examples.length > 0) own.epilogue(layOutExamples(examples, width));
        return own;
      },
      (given) => {
        request = command.request(given);
      },
    );
  }
  parser
    .strict()
    .help()
    .alias('help', 'h')
    .version(toolVersion())
    .wrap(width)
    .exitProcess(false)
    .fail((message, error) => {
      mistake ??= message ?? error?.message;
    });
  await parser.parseAsync(joined(argv), {}, (_error, _given, output) => {
    text = output;
  });
  if (mistake !== undefined) throw usageError(mistake, argv);
  if (text !== '') return { type: 'print', text };
  const extra = argv.slice(argv.indexOf('--') + 1)[0];
  if (argv.includes('--') && extra !== undefined) throw usageError(`Unknown argument: ${extra}`, argv);
  if (request === undefined) throw usageError('nothing was asked for', argv);
  return request;
}

/** yargs takes a lone `-` as the value of no option that can be repeated, unless it is joined to it. */
function joined(argv: readonly string[]): string[] {
  return argv.flatMap((word, at) => {
    if (word === '-' && argv[at - 1] === '--sources') return [];
    return word === '--sources' && argv[at + 1] === '-' ? ['--sources=-'] : [word];
  });
}

/** What is missing where a command is given alone. */
const NEEDED: Readonly<Record<string, string>> = {
  diff: 'two things to compare',
  cache: 'ls, prune, verify or dir',
  publish: 'the name of an image in a registry, such as registry.example/app:1.0',
  login: 'the name of a registry',
  logout: 'the name of a registry',
  sign: 'an image or a file',
  verify: 'an image or a file',
};

/** Puts what yargs found into the words of the command line. */
function usageError(message: string, argv: readonly string[]): KoalaError {
  const command = isCommand(argv[0]) ? `${argv[0]} ` : '';
  const help = `koala-bootstrap ${command}--help shows what there is`;
  const [, kind, list = ''] =
    /^(Unknown (?:argument|command)s?|Not enough arguments following): (.*)$/.exec(message) ?? [];
  const names = list.split(', ');
  if (message.startsWith('Not enough non-option')) {
    const what = NEEDED[argv[0] ?? ''] ?? 'the name of a package';
    return new KoalaError('usage', `cannot read the command line: ${argv[0]} needs ${what}`, { hint: help });
  }
  if (kind === undefined) return new KoalaError('usage', `cannot read the command line: ${message}`, { hint: help });
  if (kind.startsWith('Not')) return new KoalaError('usage', `cannot read the command line: --${list} needs a value`);
  const words = names.map((name) => asGiven(name, argv));
  const known = COMMANDS[isCommand(argv[0]) ? argv[0] : 'build'].options;
  const options = [...Object.keys(known), 'help', 'version'].map((name) => `--${name}`);
  const similar = words.map((word) => nearest(word, word.startsWith('-') ? options : Object.keys(COMMANDS)));
  const found = similar.find((candidate) => candidate !== undefined);
  return new KoalaError('usage', `cannot read the command line: ${words.join(' ')} is not known here`, {
    hint: found === undefined ? help : `did you mean ${found}?`,
  });
}

/** yargs reports options without their dashes. */
function asGiven(name: string, argv: readonly string[]): string {
  if (argv.some((word) => word.split('=', 1)[0] === `--${name}`)) return `--${name}`;
  return argv.includes(name) ? name : `-${name}`;
}
