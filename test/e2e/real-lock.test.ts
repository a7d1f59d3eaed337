import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Lock } from '../../src/solve/lock/types.js';
import { workDirectory } from '../builder/directory.js';
import { koala, koalaBuild, sha256Of } from './command.js';
import { hasArchive, WHY_NO_ARCHIVE } from './real-archive.js';

const work = workDirectory('real-lock');

const ARCH = ['--arch', 'amd64'];
const run = (...args: string[]) =>
  koala([...args, '--cache-dir', 'cache'], { cwd: work, environment: { LC_ALL: 'C' } });
const lock = (): Lock => JSON.parse(readFileSync(join(work, 'old.lock.json'), 'utf8'));

/** apt with what it needs, of bookworm: as it was released, or with its security updates. */
function profile(name: string, archives: readonly string[]): void {
  const listed = archives.map((fields) => `  - { ${fields} }\n`).join('');
  const stages = 'stages: [{ name: apt, packages: [apt, tzdata, libpcre2-8-0] }]\n';
  writeFileSync(
    join(work, `${name}.yaml`),
    `name: ${name}\ndescription: d\nsuite: bookworm\narchives:\n${listed}${stages}`,
  );
}

describe.skipIf(!hasArchive)(`a lock of the real archive (${WHY_NO_ARCHIVE})`, { timeout: 300_000 }, () => {
  it("of bookworm's last point release is updated to today's security updates", async () => {
    profile('old', ['suite: bookworm']);
    profile('new', ['suite: bookworm', 'suite: bookworm-security, kind: debian-security']);
    expect(await run('lock', '--profile', 'old.yaml', '--arch', 'amd64,arm64')).toMatchObject({
      status: 0,
      stderr: '',
    });
    const [released] = lock().archives;
    expect(released).toMatchObject({ suite: 'bookworm', kind: 'debian' });
    expect(released?.signedBy.length).toBeGreaterThan(0);
    expect((await run('update', '--check')).status).toBe(0);

    const update = await run('update', '--profile', 'new.yaml');
    expect(update).toMatchObject({ status: 0, stderr: '' });
    const lines = update.stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^security {2}\S+ +\S+ -> \S+ +bookworm-security$/);
    expect(lines.at(-1)).toMatch(
      /^old\.lock\.json: \d+ changes?, .* for security, the profile changed \(archives\), written$/,
    );
    expect(lock().archives.map(({ suite }) => suite)).toEqual(['bookworm', 'bookworm-security']);
    expect((await run('update', '--check')).status).toBe(0);
  });

  it('gives without a network, once it was fetched, the bytes of the build without it', async () => {
    expect((await run('fetch', '--lock', 'old.lock.json')).status).toBe(0);
    const args = ['--cache-dir', 'cache', '--output'];
    await koalaBuild(['--lock', 'old.lock.json', ...ARCH, '--offline', ...args, 'locked.tar'], { cwd: work });
    await koalaBuild(['--profile', 'new.yaml', ...ARCH, ...args, 'plain.tar'], { cwd: work });
    expect(sha256Of(join(work, 'locked.tar'))).toBe(sha256Of(join(work, 'plain.tar')));
    expect((await run('diff', 'old.lock.json', 'locked.tar', '--check')).status).toBe(0);
  });
});
