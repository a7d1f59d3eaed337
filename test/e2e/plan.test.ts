import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workDirectory } from '../builder/directory.js';
import { hasProgram } from '../builder/programs.js';
import type { TestServer } from '../builder/server.js';
import { smallArchive } from './archive.js';
import { koala } from './command.js';

const work = workDirectory('plan');

describe('plan and why of a small archive', () => {
  let server: TestServer;
  let args: readonly string[];
  beforeAll(async () => {
    const archive = await smallArchive(work);
    server = archive.server;
    args = [...archive.args, '--cache-dir', join(work, 'cache')];
  });
  afterAll(() => server.close());

  it('fetch the index once and no package, and need no server after that', async () => {
    const plan = () => koala(['plan', ...args, '--format', 'names'], { cwd: work });
    const names = 'hello 1.0-1 amd64\nlibhello 1.0-1 amd64\n';
    expect(await plan()).toEqual({ status: 0, stdout: names, stderr: '' });
    const first = server.requests.length;
    expect(await plan()).toMatchObject({ status: 0, stdout: names });
    const paths = server.requests.map(({ path }) => path);
    expect(paths.slice(first)).toEqual(['/dists/test/InRelease']);
    expect(paths.filter((path) => path.endsWith('.deb'))).toEqual([]);
    const why = await koala(['why', 'libhello', ...args, '--offline'], { cwd: work, environment: { LC_ALL: 'C' } });
    expect(why).toMatchObject({ status: 0, stderr: '' });
    expect(why.stdout).toBe('libhello 1.0-1, stage small\nsmall asks for hello -> depends on libhello (>= 1)\n');
    expect(server.requests).toHaveLength(first + 1);
  });

  it('make good what became of a stored index', async () => {
    const indices = join(work, 'cache', 'indices');
    const [name = ''] = readdirSync(indices);
    const good = readFileSync(join(indices, name));
    const bad = Buffer.from(good);
    bad.fill('x', bad.lastIndexOf('Package: libhello'));
    writeFileSync(join(indices, name), bad);
    const { status, stdout } = await koala(['plan', ...args, '--offline', '--format', 'names'], { cwd: work });
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'hello 1.0-1 amd64\nlibhello 1.0-1 amd64\n' });
    expect(readFileSync(join(indices, name)).equals(good)).toBe(true);
  });

  it('end with status 1 where a package is not in the plan', async () => {
    const { status, stdout, stderr } = await koala(['why', 'helo', ...args], { cwd: work });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('hint: did you mean hello?\n');
  });
});

/** A mirror of Debian, and the keys that sign it, of the machine's own apt sources. */
function machineMirror(): { readonly uri: string; readonly signedBy: string | undefined } | undefined {
  const directory = '/etc/apt/sources.list.d';
  if (!existsSync(directory)) return undefined;
  for (const name of readdirSync(directory)) {
    const text = readFileSync(join(directory, name), 'utf8');
    const uri = /^URIs:\s*(\S+\/debian)\/?\s*$/m.exec(text)?.[1];
    if (uri !== undefined) return { uri, signedBy: /^Signed-By:\s*(\/\S+)\s*$/m.exec(text)?.[1] };
  }
  return undefined;
}

const mirror = hasProgram('apt-get') ? machineMirror() : undefined;

/** What apt would install on a system of a suite where there is nothing yet, and nothing is essential. */
function askApt(suite: string, packages: readonly string[]): string {
  const root = join(work, `apt-${suite}`);
  const directories = ['etc/apt', 'var/lib/apt/lists/partial', 'var/cache/apt/archives/partial', 'var/lib/dpkg'];
  for (const directory of directories) mkdirSync(join(root, directory), { recursive: true });
  const configuration = join(root, 'apt.conf');
  const env = { ...process.env, APT_CONFIG: configuration, LC_ALL: 'C' };
  if (!existsSync(configuration)) {
    const signedBy = mirror?.signedBy === undefined ? '' : ` signed-by=${mirror.signedBy}`;
    writeFileSync(join(root, 'var/lib/dpkg/status'), '');
    writeFileSync(join(root, 'etc/apt/sources.list'), `deb [arch=amd64${signedBy}] ${mirror?.uri} ${suite} main\n`);
    writeFileSync(
      configuration,
      `Dir "${root}"; Dir::State::status "${root}/var/lib/dpkg/status"; Dir::Bin::methods "/usr/lib/apt/methods";
       APT::Architecture "amd64"; APT::Architectures { "amd64"; }; APT::Install-Recommends "false";
       APT::Immediate-Configure "false"; pkgCacheGen::ForceEssential "none"; Debug::NoLocking "true";
       Acquire::Languages "none"; Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";`,
    );
    execFileSync('apt-get', ['-q', 'update'], { env, stdio: 'ignore' });
  }
  const { stdout } = spawnSync('apt-get', ['-s', '-q', '-y', 'install', ...packages], { env, encoding: 'utf8' });
  const lines = [...stdout.matchAll(/^Inst (\S+) \((\S+) .*\[(\S+)\]/gm)].map(([, ...parts]) => `${parts.join(' ')}\n`);
  return lines.sort().join('');
}

describe.skipIf(mirror === undefined)(
  'plan --packages and apt (skipped where apt has no Debian source in deb822 style)',
  { timeout: 300_000 },
  () => {
    it.each([
      ['trixie', 'nginx-light,python3'],
      ['trixie', 'git'],
      ['trixie', 'openjdk-21-jre-headless'],
      ['bookworm', 'openjdk-17-jre-headless'],
      ['bookworm', 'git,nginx-light'],
    ])('choose the same of %s for %s', async (suite, packages) => {
      const argv = ['plan', '--packages', packages, '--suite', suite, '--arch', 'amd64', '--format', 'names'];
      const { status, stdout, stderr } = await koala([...argv, '--cache-dir', join(work, 'cache')], { cwd: work });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toBe(askApt(suite, packages.split(',')));
      expect(stdout.split('\n').length).toBeGreaterThan(10);
    });
  },
);
