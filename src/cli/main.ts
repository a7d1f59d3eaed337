import { KoalaError } from '../formats/errors.js';
import type { CommandRequest } from './commands.js';
import { exitStatusOf, reportError } from './errors.js';
import { type Interruption, watchSignals } from './interrupt.js';
import { type Io, processIo } from './io.js';
import { parseArguments } from './parse.js';
import type { TalkArguments } from './progress.js';

/**
 * The command line: reads the arguments, runs one command, and says what went wrong.
 *
 * @param argv the arguments after the program's name
 * @param overrides what a test puts in place of the process
 * @returns the exit status
 */
export async function main(argv: readonly string[], overrides: Partial<Io> = {}): Promise<number> {
  const io: Io = { ...processIo, ...overrides };
  for (const stream of [io.stdout, io.stderr]) stream.on('error', ignoreBrokenPipe);
  let verbose = false;
  try {
    const request = await parseArguments(argv, io.stdout.columns);
    if (request.type === 'print') {
      io.stdout.write(`${request.text}\n`);
      return 0;
    }
    const talk = talkOf(request);
    verbose = talk.verbose;
    if (talk.quiet && verbose) throw new KoalaError('usage', 'cannot do both: --quiet and --verbose');
    return await untilSignal(io, (interruption) => run(request, io, interruption));
  } catch (error) {
    reportError(error, io, verbose);
    return exitStatusOf(error);
  }
}

function talkOf(request: CommandRequest): TalkArguments {
  return { quiet: false, verbose: false, ...('given' in request ? request.given : {}) };
}

/** Only what a command needs is loaded. */
async function run(request: CommandRequest, io: Io, interruption: Interruption): Promise<unknown> {
  switch (request.type) {
    case 'profiles':
      return (await import('./profiles.js')).runProfiles(request, io);
    case 'show-config':
      return (await import('./show-config.js')).runShowConfig(request.given, io);
    case 'build':
      return (await import('./build.js')).runBuild(request.given, io, interruption);
    case 'cache':
      return (await import('./cache.js')).runCache(request.given, io, interruption);
    case 'plan':
      return (await import('./plan.js')).runPlan(request.given, io, interruption);
    case 'lock':
      return (await import('./lock.js')).runLock(request.given, io, interruption);
    case 'update':
      return (await import('./update.js')).runUpdate(request.given, io, interruption);
    case 'diff':
      return (await import('./diff.js')).runDiff(request.given, io, interruption);
    case 'fetch':
      return (await import('./fetch.js')).runFetch(request.given, io, interruption);
    case 'publish':
      return (await import('./publish.js')).runPublish(request.given, io, interruption);
    case 'login':
      return (await import('./login.js')).runLogin(request.given, io, interruption);
    case 'logout':
      return (await import('./login.js')).runLogout(request.registry, io, interruption);
    case 'sign':
      return (await import('./sign.js')).runSign(request.given, io, interruption);
    case 'verify':
      return (await import('./verify.js')).runVerify(request.given, io, interruption);
    case 'why':
      return (await import('./why.js')).runWhy(request.given, io, interruption);
    case 'check':
      return (await import('./check.js')).runCheck(request.given, io, interruption);
    case 'audit':
      return (await import('./audit.js')).runAudit(request.given, io, interruption);
  }
}

/** Runs a command; it may give an exit status of its own. */
async function untilSignal(io: Io, command: (interruption: Interruption) => Promise<unknown>): Promise<number> {
  const interruption = watchSignals(io.signals, io.exit);
  try {
    const status = await command(interruption);
    return typeof status === 'number' ? status : 0;
  } catch (error) {
    const status = interruption.status();
    if (status === undefined) throw error;
    io.stderr.write('koala-bootstrap: cancelled\n');
    return status;
  } finally {
    interruption.release();
  }
}

/** Whoever reads our output may stop when they have seen enough: `koala-bootstrap profiles | head -1`. */
function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
