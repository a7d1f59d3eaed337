import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasProgram } from '../machine.mjs';
import { run } from './compare.mjs';

/**
 * apt with an empty system and one archive, in a directory of its own.
 *
 * @returns `{ update, simulate(name) }`: reads the index anew; chooses what an installation would install. undefined where there
 *   is no apt.
 */
export function aptWith(directory, packages) {
  if (!hasProgram('apt-get')) return undefined;
  const at = (...names) => join(directory, 'apt', ...names);
  for (const path of ['lists/partial', 'archives/partial', 'etc', 'repository'])
    mkdirSync(at(path), { recursive: true });
  writeFileSync(at('status'), '');
  writeFileSync(at('repository', 'Packages'), packages);
  writeFileSync(at('sources.list'), `deb [trusted=yes] file:${at('repository')} ./\n`);
  const settings = {
    'Dir::State::lists': at('lists'),
    'Dir::State::status': at('status'),
    'Dir::Cache': at(),
    'Dir::Cache::archives': at('archives'),
    'Dir::Etc': at('etc'),
    'Dir::Etc::sourcelist': at('sources.list'),
    'Dir::Etc::sourceparts': '-',
    'APT::Architecture': 'amd64',
    'APT::Architectures': 'amd64',
    'APT::Sandbox::User': 'root',
    'APT::Install-Recommends': 'false',
    'Acquire::Languages': 'none',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const { status, stderr } = spawnSync('apt-get', [...options, '-q', 'update'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`apt-get update ended with ${status}: ${stderr}`);
  return {
    /** Reads the index of the archive, and writes its cache of it. */
    scan: () =>
      run('apt-cache', [...options, '-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache=', 'stats']),
    simulate: (name) => run('apt-get', [...options, '-q', '-s', 'install', name]),
  };
}
