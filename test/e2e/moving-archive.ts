import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchiveOptions, writeArchive } from '../builder/archive.js';
import { type DebFile, makeDeb } from '../builder/deb.js';
import { testKey, writeKeyring } from '../builder/keys.js';
import { serveDirectory, type TestServer } from '../builder/server.js';

/** Archives of one server that change while a test goes on. */
export interface MovingArchive {
  readonly directory: string;
  readonly server: TestServer;
  /**
   * Writes a suite anew. Its packages are lines such as `hello 1.0-1 amd64; Depends: lib (>= 1)`, whose .debs hold one file with the
   * version: `Ships` says which, if not `/usr/share/hello/version`; `Postinst` is a line of one. The same line makes the same bytes.
   */
  publish(suite: string, lines: readonly string[], options?: PublishOptions): Promise<void>;
  /** Writes a profile file and gives its path. Each archive is the text of its fields, in which SERVER is the server. */
  profile(name: string, archives: readonly string[], rest: string): string;
}

interface PublishOptions extends Pick<ArchiveOptions, 'date' | 'architectures'> {
  /** Below the server's root. */
  readonly root?: string;
  /** False: nothing of what was published before is there any more. */
  readonly keep?: boolean;
}

export async function movingArchive(directory: string): Promise<MovingArchive> {
  await writeKeyring(directory, 'keyring.asc', [await testKey()]);
  const server = await serveDirectory(directory);
  return {
    directory,
    server,
    async publish(suite, lines, { root = '', keep = true, ...options } = {}) {
      const place = join(directory, root);
      if (!keep) for (const part of ['dists', 'pool']) await rm(join(place, part), { recursive: true, force: true });
      const packages = await Promise.all(lines.map(packageOf));
      await writeArchive({ directory: place, suite, packages, compressions: ['none'], ...options });
    },
    profile(name, archives, rest) {
      const path = join(directory, `${name}.yaml`);
      const listed = archives.map(
        (fields) => `  - { keyring: ./keyring.asc, ${fields.replaceAll('SERVER', server.url)} }\n`,
      );
      writeFileSync(path, `name: ${name}\ndescription: For tests\nsuite: test\narchives:\n${listed.join('')}${rest}`);
      return path;
    },
  };
}

async function packageOf(line: string): Promise<ArchiveOptions['packages'][number]> {
  const [what = '', ...fields] = line.split(/;\s*/);
  const [name = '', version = '', architecture = ''] = what.split(' ');
  const {
    Ships: path = `/usr/share/${name}/version`,
    Postinst: postinst,
    ...more
  } = Object.fromEntries(fields.map((field) => field.split(/:\s*/) as [string, string]));
  const control = {
    Package: name,
    Version: version,
    Architecture: architecture,
    Description: name,
    ...more,
  };
  const scripts = postinst === undefined ? {} : { postinst: `#!/bin/sh\n${postinst}\n` };
  const files: DebFile[] = [{ path, content: `${version}\n` }];
  return { control, deb: await makeDeb({ control, files, scripts, compression: 'none' }) };
}
