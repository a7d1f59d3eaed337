import { exitStatusOf, reportError } from './errors.js';
import { type Interruption, watchSignals } from './interrupt.js';
import { type Io, processIo } from './io.js';
import { parseArguments } from './parse.js';

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
    switch (request.type) {
      case 'print':
        io.stdout.write(`${request.text}\n`);
        break;
      case 'profiles': {
        const { runProfiles } = await import('./profiles.js');
        await runProfiles(request, io);
        break;
      }
      case 'show-config': {
        const { runShowConfig } = await import('./show-config.js');
        await runShowConfig(request.given, io);
        break;
      }
      case 'build': {
        verbose = request.given.verbose;
        const { runBuild } = await import('./build.js');
        return await untilSignal(io, (interruption) => runBuild(request.given, io, interruption));
      }
      case 'cache': {
        verbose = request.given.verbose;
        const { runCache } = await import('./cache.js');
        return await untilSignal(io, (interruption) => runCache(request.given, io, interruption));
      }
      case 'plan': {
        verbose = request.given.verbose;
        const { runPlan } = await import('./plan.js');
        return await untilSignal(io, (interruption) => runPlan(request.given, io, interruption));
      }
      case 'lock': {
        verbose = request.given.verbose;
        const { runLock } = await import('./lock.js');
        return await untilSignal(io, (interruption) => runLock(request.given, io, interruption));
      }
      case 'update': {
        verbose = request.given.verbose;
        const { runUpdate } = await import('./update.js');
        return await untilSignal(io, (interruption) => runUpdate(request.given, io, interruption));
      }
      case 'diff': {
        verbose = request.given.verbose;
        const { runDiff } = await import('./diff.js');
        return await untilSignal(io, (interruption) => runDiff(request.given, io, interruption));
      }
      case 'fetch': {
        verbose = request.given.verbose;
        const { runFetch } = await import('./fetch.js');
        return await untilSignal(io, (interruption) => runFetch(request.given, io, interruption));
      }
      case 'why': {
        verbose = request.given.verbose;
        const { runWhy } = await import('./why.js');
        return await untilSignal(io, (interruption) => runWhy(request.given, io, interruption));
      }
      case 'audit': {
        verbose = request.given.verbose;
        const { runAudit } = await import('./audit.js');
        return await untilSignal(io, (interruption) => runAudit(request.given, io, interruption));
      }
    }
    return 0;
  } catch (error) {
    reportError(error, io, verbose);
    return exitStatusOf(error);
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
