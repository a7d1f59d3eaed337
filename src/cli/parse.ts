import { readFileSync } from 'node:fs';
import { KoalaError } from '../formats/errors.js';
import { nearest } from '../profile/nearest.js';
import type { BuildArguments } from './build.js';
import { BUILD_OPTIONS, PROFILES_OPTIONS } from './options.js';

declare module 'yargs' {
  interface Argv {
    /** Of yargs 18, not yet in its types. */
    usageConfiguration(configuration: { 'hide-types': boolean }): this;
  }
}

/** What the command line asks for: text to print, or something to run. */
export type Request =
  | { readonly type: 'print'; readonly text: string }
  | { readonly type: 'profiles'; readonly json: boolean }
  | { readonly type: 'build'; readonly given: BuildArguments };

const DEFAULT_COLUMNS = 80;
const MAX_HELP_COLUMNS = 100;
const HELP = 'koala-bootstrap --help shows what there is';
const COMMANDS = ['build', 'profiles'];
const USAGE = `koala-bootstrap [build] --profile NAME|FILE [options]
koala-bootstrap profiles [--json]

Makes a reproducible root filesystem of Debian packages.`;
const EPILOGUE = `Examples:
  koala-bootstrap --profile base                     for this machine
  koala-bootstrap -p base -s bookworm -a arm64       another release and machine
  koala-bootstrap -p debug -o debug.tar.zst          compressed, by the ending
  koala-bootstrap -p ./web.yaml --include jq,curl    own profile, more packages
  koala-bootstrap -p static -o - | docker import -   into a pipe

Exit status:
  0         done
  1         the build failed, or the profile has errors
  2         wrong usage, or no such profile
  130, 143  cancelled by Ctrl-C or SIGTERM

Environment:
  SOURCE_DATE_EPOCH                   the latest time that files may have
  http_proxy, https_proxy, no_proxy   as usual
  XDG_CACHE_HOME, NO_COLOR            as usual
  KOALA_DEBUG=1                       shows where errors come from

Progress goes to standard error, the summary to standard output.`;

/**
 * Reads the command line, and runs nothing.
 *
 * @param columns the width of the terminal that help would be shown on
 * @throws KoalaError `usage`, with the nearest option or command as its hint
 */
export async function parseArguments(argv: readonly string[], columns: number | undefined): Promise<Request> {
  // Scripts ask for the version often, and yargs takes longer to load than all the rest.
  if (argv.length === 1 && argv[0] === '--version') return { type: 'print', text: version() };
  const { default: yargs } = await import('yargs');
  let request: Request | undefined;
  let mistake: string | undefined;
  let text = '';
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
    .usage(USAGE)
    .usageConfiguration({ 'hide-types': true })
    .command(['build', '$0'], 'Build a profile (the default)', BUILD_OPTIONS, (given) => {
      request = {
        type: 'build',
        given: {
          ...given,
          include: given.include ?? [],
          excludePath: given['exclude-path'] ?? [],
          mirror: given.mirror ?? [],
          keyring: given.keyring ?? [],
          cacheDir: given['cache-dir'],
          updates: given.updates ?? false,
          offline: given.offline ?? false,
          json: given.json ?? false,
          quiet: given.quiet ?? false,
          verbose: given.verbose ?? false,
        },
      };
    })
    .command('profiles', 'List the built-in profiles and their stages', PROFILES_OPTIONS, ({ json }) => {
      request = { type: 'profiles', json: json ?? false };
    })
    .epilogue(EPILOGUE)
    .strict()
    .help()
    .alias('help', 'h')
    .version(version())
    .wrap(Math.min(columns || DEFAULT_COLUMNS, MAX_HELP_COLUMNS))
    .exitProcess(false)
    .fail((message, error) => {
      mistake ??= message ?? error?.message;
    });
  await parser.parseAsync([...argv], {}, (_error, _given, output) => {
    text = output;
  });
  if (mistake !== undefined) throw usageError(mistake, argv);
  if (text !== '') return { type: 'print', text };
  const extra = argv.slice(argv.indexOf('--') + 1)[0];
  if (argv.includes('--') && extra !== undefined) throw usageError(`Unknown argument: ${extra}`, argv);
  if (request === undefined) throw usageError('nothing was asked for', argv);
  return request;
}

/** Puts what yargs found into the words of the command line. */
function usageError(message: string, argv: readonly string[]): KoalaError {
  const [, kind, list = ''] =
    /^(Unknown (?:argument|command)s?|Not enough arguments following): (.*)$/.exec(message) ?? [];
  const names = list.split(', ');
  if (kind === undefined) return new KoalaError('usage', `cannot read the command line: ${message}`, { hint: HELP });
  if (kind.startsWith('Not')) return new KoalaError('usage', `cannot read the command line: --${list} needs a value`);
  const words = names.map((name) => asGiven(name, argv));
  const known = argv[0] === 'profiles' ? PROFILES_OPTIONS : BUILD_OPTIONS;
  const options = [...Object.keys(known), 'help', 'version'].map((name) => `--${name}`);
  const similar = words.map((word) => nearest(word, word.startsWith('-') ? options : COMMANDS));
  const found = similar.find((candidate) => candidate !== undefined);
  return new KoalaError('usage', `cannot read the command line: ${words.join(' ')} is not known here`, {
    hint: found === undefined ? HELP : `did you mean ${found}?`,
  });
}

/** yargs reports options without their dashes. */
function asGiven(name: string, argv: readonly string[]): string {
  if (argv.some((word) => word.split('=', 1)[0] === `--${name}`)) return `--${name}`;
  return argv.includes(name) ? name : `-${name}`;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
