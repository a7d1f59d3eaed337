import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { hasProgram } from '../machine.mjs';
import { measure } from './measure.mjs';
import { SETS } from './targets.mjs';

/** Of a machine that this one is not. */
const FOREIGN = process.arch === 'arm64' ? 'amd64' : 'arm64';

/**
 * What is run. Names are those of the table.
 *
 * @param program how ours is run, with its first arguments
 * @param set and `base`: summaries of builds of both profiles
 * @param places `work`, what all rounds share; `scratch`, the directory of a run; `cache`, a warm one; `environment`, variables of all runs
 * @param archive `url`, `suite` and `keyring`, a file
 */
export function runsOf(program, { set, base }, { work, scratch, cache, environment }, { url, suite, keyring }) {
  const names = ({ packages }) => packages.map(({ name }) => name).join(',');
  const source = `deb [signed-by=${keyring}] ${url} ${suite} main`;
  const koala = (...args) => [...program, ...args, '--suite', suite, '--mirror', url, '--quiet'];
  const fresh = (...args) => koala(...args, '--cache-dir', join(scratch, 'cache'));
  const warm = (...args) => koala(...args, '--cache-dir', cache);
  const locked = (...args) => [...program, 'build', '--lock', join(work, 'lock'), ...args, '--offline', '--quiet'];
  const forget = (...kinds) => {
    for (const kind of kinds) rmSync(join(cache, kind), { recursive: true, force: true });
  };
  const xargs = (script) => ['xargs', '-a', join(work, 'debs'), '-P', String(cpus().length), '-n1', 'sh', '-c', script];
  const packed = (packer) => ['sh', '-c', `${packer} < ${join(work, 'minbase.tar')} > packed`];
  const extract = (list) => ['mmdebstrap', '--quiet', '--variant=extract', `--include=${list}`, suite, 'x.tar', source];
  return [
    { name: 'floor', needs: ['dpkg-deb', 'xargs'], command: xargs('dpkg-deb --fsys-tarfile "$0" >/dev/null') },
    {
      name: 'debootstrap minbase',
      needs: ['debootstrap'],
      root: true,
      command: ['debootstrap', '--variant=minbase', `--keyring=${keyring}`, suite, 'd', url],
    },
    {
      name: 'cdebootstrap minimal',
      needs: ['cdebootstrap'],
      root: true,
      command: ['cdebootstrap', '--flavour=minimal', `--keyring=${keyring}`, suite, 'c', url],
    },
    {
      name: 'mmdebstrap minbase',
      needs: ['mmdebstrap'],
      command: ['mmdebstrap', '--quiet', '--variant=minbase', suite, 'm.tar', source],
    },
    {
      name: 'multistrap',
      needs: ['multistrap'],
      root: true,
      prepare: () => {
        const trusted = join(scratch, 's/etc/apt/trusted.gpg.d');
        mkdirSync(trusted, { recursive: true });
        copyFileSync(keyring, join(trusted, 'archive.gpg'));
        writeFileSync(join(scratch, 'multistrap.conf'), multistrapConfiguration(names(set), { url, suite }));
      },
      command: ['multistrap', '-f', 'multistrap.conf', '-d', 's'],
    },
    { name: 'mmdebstrap extract', needs: ['mmdebstrap'], command: extract(names(set)) },
    { name: 'mmdebstrap extract, base', needs: ['mmdebstrap'], command: extract(names(base)) },
    { name: 'koala minbase', command: fresh('--profile', 'minbase', '--output', 'k.tar') },
    {
      name: 'koala minbase, from a lock',
      prepare: () => forget('unpacked', 'stages'),
      command: locked('--cache-dir', cache, '--output', 'l.tar', '--rebuild'),
    },
    {
      name: 'koala minbase, from a lock, unpacked',
      command: locked('--cache-dir', cache, '--output', 'w.tar', '--rebuild'),
    },
    { name: 'koala minbase, from a lock, again', command: locked('--cache-dir', cache, '--output', 'a.tar') },
    { name: 'koala base', command: fresh('--profile', 'base', '--output', 'b.tar') },
    {
      name: 'koala debug after base, warm',
      prepare: () => {
        // An earlier round has configured debug as well.
        forget('stages');
        measure(warm('--profile', 'base', '--output', 'b.tar', '--rebuild'), { cwd: scratch, environment });
      },
      command: warm('--profile', 'debug', '--output', 'g.tar', '--rebuild'),
    },
    { name: 'koala minbase, foreign', command: fresh('--profile', 'minbase', '--arch', FOREIGN, '--output', 'f.tar') },
    ...['gz', 'zst', 'xz'].map((kind) => ({
      name: `koala minbase.tar.${kind}, unpacked`,
      command: locked('--cache-dir', cache, '--output', `k.tar.${kind}`, '--rebuild'),
      output: `k.tar.${kind}`,
    })),
    { name: 'pigz -6', needs: ['pigz'], command: packed('pigz -6'), output: 'packed' },
    { name: 'zstd -T0', needs: ['zstd'], command: packed('zstd -q -T0'), output: 'packed' },
    { name: 'xz -6 -T0', needs: ['xz'], command: packed('xz -6 -T0'), output: 'packed' },
    ...SETS.map(([name, include]) => ({
      name,
      command: fresh('--profile', 'minbase', ...include.flatMap((one) => ['--include', one]), '--output', 'n.tar'),
      output: 'n.tar',
    })),
  ].filter(isPossible);
}

function isPossible({ name, needs = [], root = false }) {
  const lacking = needs.find((program) => !hasProgram(program));
  const why =
    lacking !== undefined
      ? `${lacking} is not installed`
      : root && process.getuid() !== 0
        ? 'it needs root'
        : undefined;
  if (why !== undefined) console.error(`skipped: ${name}: ${why}`);
  return why === undefined;
}

function multistrapConfiguration(names, { url, suite }) {
  return [
    '[General]',
    'unpack=true',
    'cleanup=true',
    'omitrequired=true',
    'bootstrap=All',
    'aptsources=All',
    '[All]',
    `packages=${names.replaceAll(',', ' ')}`,
    `source=${url}`,
    `suite=${suite}`,
    'components=main',
    '',
  ].join('\n');
}
