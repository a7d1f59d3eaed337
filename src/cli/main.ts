import type { BuildArguments } from './build.js';
import { exitStatusOf, reportError } from './errors.js';
import { watchSignals } from './interrupt.js';
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
      case 'build':
        verbose = request.given.verbose;
        return await buildUntilSignal(request.given, io);
    }
    return 0;
  } catch (error) {
    reportError(error, io, verbose);
    return exitStatusOf(error);
  }
}

async function buildUntilSignal(given: BuildArguments, io: Io): Promise<number> {
  const { runBuild } = await import('./build.js');
  const interruption = watchSignals(io.signals, io.exit);
  try {
    await runBuild(given, io, interruption);
    return 0;
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
