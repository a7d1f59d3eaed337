import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stageConfigurer } from '../../src/configure/configure.js';
import { NO_IMAGE_SETTINGS } from '../../src/profile/image.js';
import type { PathMutation, Profile } from '../../src/profile/types.js';
import { readText } from '../../src/rootfs/content.js';
import { mergePackages } from '../../src/rootfs/merge.js';
import { CERTIFICATES } from '../builder/certificates.js';
import { workDirectory } from '../builder/directory.js';
import { archiveSpec } from '../builder/sources.js';
import { mergeInput } from '../rootfs/inputs.js';
import { listTree } from '../rootfs/listing.js';

const DAY = 86_400;
const directory = workDirectory('configure');

function profileOf(parts: Partial<Profile> = {}): Profile {
  return {
    name: 'p',
    description: '',
    origin: 'test',
    suite: 'trixie',
    architectures: [],
    foreignArchitectures: [],
    archives: [],
    pins: [],
    stages: [],
    configure: undefined,
    debconf: [],
    accounts: { users: [], groups: [], runAs: undefined },
    paths: [],
    environment: {},
    image: NO_IMAGE_SETTINGS,
    excludePaths: [],
    includePaths: [],
    levels: [
      {
        name: 'p',
        stages: [],
        accounts: { users: [], groups: [], ...parts.accounts },
        paths: parts.paths ?? [],
        certificates: parts.image?.certificates ?? [],
        excludePaths: [],
        includePaths: [],
        slices: [],
      },
    ],
    slices: [],
    accept: [],
    ...parts,
  };
}

function configured(packages: ReturnType<typeof mergeInput>[], parts: Partial<Profile> = {}) {
  const profile = profileOf(parts);
  const tree = mergePackages(packages, 'arm64', DAY);
  const { configure } = stageConfigurer(tree, {
    names: new Set(packages.map(({ record }) => record.name)),
    profile,
    architectures: { native: 'arm64', foreign: [] },
    archives: profile.archives,
    automatic: new Set(packages.map(({ record }) => record).filter(({ name }) => name.startsWith('lib'))),
    epoch: DAY,
  });
  const audit = configure({ packages, accountsOf: profile.levels, pathsOf: profile.levels });
  return { tree, audit, text: (path: string) => readText(tree, path) };
}

/** A package whose contents stand one after the other in a spool. */
function packageWith(name: string, files: Record<string, string | Buffer>, control: Record<string, string> = {}) {
  const spool = join(directory, name);
  const contents = Object.values(files).map((content) => Buffer.from(content));
  writeFileSync(spool, Buffer.concat(contents));
  let offset = 0;
  const lines = Object.keys(files).map((path, at) => {
    const size = contents[at]?.length ?? 0;
    offset += size;
    return `${path} file 0644 0:0 ${size} ${offset - size}`;
  });
  return mergeInput(name, lines, { control, spool });
}

describe('the package database', () => {
  const control = [
    'Package: a',
    'Version: 1.0',
    'Homepage: https://a.example',
    'Depends: b,',
    ' c (>= 2)',
    'Architecture: all',
    'Description: short',
    ' long',
    ' .',
    ' more',
    '',
  ].join('\n');

  it('is status.d with md5sums where there is no dpkg', () => {
    const { tree, text } = configured([mergeInput('a', [], { control: { control, md5sums: 'aa  usr/x\n' } })]);
    expect(text('/var/lib/dpkg/status.d/a')).toBe(
      [
        'Package: a',
        'Status: install ok installed',
        'Architecture: all',
        'Version: 1.0',
        'Depends: b, c (>= 2)',
        'Description: short',
        ' long',
        ' .',
        ' more',
        'Homepage: https://a.example',
        '',
      ].join('\n'),
    );
    expect(text('/var/lib/dpkg/status.d/a.md5sums')).toBe('aa  usr/x\n');
    expect(tree.get('/var/lib/dpkg/status')).toBeUndefined();
  });

  it("is dpkg's own where dpkg is in the set", () => {
    const dpkg = packageWith(
      'dpkg',
      { '/etc/dpkg.cfg': 'x\n' },
      {
        conffiles: '/etc/dpkg.cfg\nremove-on-upgrade /etc/old\n',
        triggers: 'interest /usr/share/x # why\ninterest-noawait named\n',
      },
    );
    const lib = mergeInput('lib', ['/ directory', '/usr directory'], {
      multiArch: 'same',
      control: { postinst: '#!/bin/sh\n' },
    });
    const { tree, text } = configured([lib, dpkg]);
    expect(text('/var/lib/dpkg/status')).toBe(
      [
        'Package: dpkg',
        'Status: install ok installed',
        'Version: 1.0',
        'Conffiles:',
        ' /etc/dpkg.cfg 401b30e3b8b5d629635a5c613cdb7919',
        ' /etc/old newconffile remove-on-upgrade',
        '',
        'Package: lib',
        'Status: install ok installed',
        'Version: 1.0',
        '',
        '',
      ].join('\n'),
    );
    expect(text('/var/lib/dpkg/info/lib:amd64.list')).toBe('/.\n/usr\n');
    expect(text('/var/lib/dpkg/info/lib:amd64.postinst')).toBe('#!/bin/sh\n');
    expect(text('/var/lib/dpkg/info/format')).toBe('1\n');
    expect(text('/var/lib/dpkg/triggers/File')).toBe('/usr/share/x dpkg\n');
    expect(text('/var/lib/dpkg/triggers/named')).toBe('dpkg/noawait\n');
    expect(tree.get('/var/lib/dpkg/status.d')).toBeUndefined();
  });
});

describe('the database of packages of several architectures', () => {
  const architectures = { native: 'amd64', foreign: ['i386'] };
  const lib = (architecture: string) =>
    mergeInput('lib', [`/usr/lib/${architecture}`], {
      multiArch: 'same',
      architecture,
      control: {
        control: `Package: lib\nArchitecture: ${architecture}\nVersion: 1\n`,
        md5sums: `${architecture}\n`,
        triggers: 'interest lib\n',
        postinst: 'x',
      },
    });
  const only = mergeInput('only', [], {
    architecture: 'i386',
    control: { control: 'Package: only\nArchitecture: i386\n' },
  });
  const textsOf = (...packages: ReturnType<typeof mergeInput>[]) => {
    const tree = mergePackages(packages, 'amd64', DAY, ['i386']);
    const profile = profileOf({ foreignArchitectures: ['i386'] });
    const names = new Set(packages.map(({ record }) => record.name));
    const { configure } = stageConfigurer(tree, {
      names,
      profile,
      archives: [],
      automatic: new Set(),
      epoch: DAY,
      architectures,
    });
    const audit = configure({ packages, accountsOf: [], pathsOf: [] });
    return { tree, audit, text: (path: string) => readText(tree, path) };
  };

  it("is dpkg's, by name and then architecture, with the list of architectures", () => {
    const { tree, text, audit } = textsOf(lib('i386'), only, lib('amd64'), mergeInput('dpkg', []));
    expect(text('/var/lib/dpkg/arch')).toBe('amd64\ni386\n');
    expect(tree.get('/var/lib/dpkg/arch')?.mode).toBe(0o644);
    expect(
      text('/var/lib/dpkg/status')
        ?.match(/^(?:Package|Architecture): .*/gm)
        ?.join(' '),
    ).toBe(
      'Package: dpkg Package: lib Architecture: amd64 Package: lib Architecture: i386 Package: only Architecture: i386',
    );
    expect(text('/var/lib/dpkg/info/lib:amd64.list')).toBe('/usr/lib/amd64\n');
    expect(text('/var/lib/dpkg/info/lib:i386.list')).toBe('/usr/lib/i386\n');
    expect(text('/var/lib/dpkg/info/only.list')).toBe('');
    expect(text('/var/lib/dpkg/triggers/lib')).toBe('lib:i386\nlib:amd64\n');
    expect(audit.map((one) => one.package)).toEqual(['lib:i386', 'lib']);
  });

  it('has no list of architectures where there is one', () => {
    expect(configured([mergeInput('dpkg', [])]).tree.get('/var/lib/dpkg/arch')).toBeUndefined();
  });

  it('is status.d with a file for each, whichever comes first', () => {
    for (const packages of [
      [lib('amd64'), lib('i386'), only],
      [only, lib('i386'), lib('amd64')],
    ]) {
      const { tree, text } = textsOf(...packages);
      const files = tree.get('/var/lib/dpkg/status.d');
      expect(files?.type === 'directory' && [...files.children.keys()].sort()).toEqual([
        'lib',
        'lib.md5sums',
        'lib:i386',
        'lib:i386.md5sums',
        'only',
      ]);
      expect(text('/var/lib/dpkg/status.d/lib')).toContain('Architecture: amd64');
      expect(text('/var/lib/dpkg/status.d/lib:i386.md5sums')).toBe('i386\n');
    }
  });
});

describe('maintainer scripts', () => {
  const scripts = {
    preinst: '#!/bin/sh\necho $1 >> /log\n',
    postinst: '#!/bin/sh\nchown root:mail /log\n',
    postrm: 'x',
  };

  it('run with the accounts that every Debian has, of which none stays', () => {
    const { tree, audit, text } = configured([mergeInput('a', [], { control: scripts })]);
    expect(audit.map(({ script, outcome }) => `${script} ${outcome}`)).toEqual([
      'preinst interpreted',
      'postinst interpreted',
    ]);
    expect(text('/log')).toBe('install\n');
    expect(tree.get('/log')?.gid).toBe(8);
    expect(tree.get('/etc/group')).toBeUndefined();
  });

  it('do not run where the profile says so', () => {
    const { tree, audit } = configured([mergeInput('a', [], { control: scripts })], { configure: 'none' });
    expect(audit.map(({ script, outcome }) => `${script} ${outcome}`)).toEqual(['preinst not-run', 'postinst not-run']);
    expect(tree.get('/log')).toBeUndefined();
  });
});

describe('ca-certificates', () => {
  const [first, second] = CERTIFICATES;

  it('gets its bundle, its list and its links', () => {
    const shipped = {
      '/usr/share/ca-certificates/m/B,(c).crt': first.pem.trimEnd(),
      '/usr/share/ca-certificates/m/a.crt': second.pem,
      '/usr/share/ca-certificates/m/z-copy.crt': second.pem,
    };
    const postinst = [
      '#!/bin/sh',
      'mkdir -p /usr/local/share/ca-certificates',
      'echo "# these are trusted" > /etc/ca-certificates.conf',
      'cd /usr/share/ca-certificates && find . -name "*.crt" | sed s,^./,, | sort >> /etc/ca-certificates.conf',
      'update-ca-certificates',
    ].join('\n');
    const { tree, text, audit } = configured([packageWith('ca-certificates', shipped, { postinst })]);
    expect(text('/etc/ssl/certs/ca-certificates.crt')).toBe(first.pem + second.pem + second.pem);
    expect(text('/etc/ca-certificates.conf')?.split('\n').slice(-4)).toEqual([
      'm/B,(c).crt',
      'm/a.crt',
      'm/z-copy.crt',
      '',
    ]);
    expect(listTree(tree).filter((line) => /ssl.certs.* symlink/.test(line))).toEqual([
      '/etc/ssl/certs/B_=c=.pem symlink -> /usr/share/ca-certificates/m/B,(c).crt 0:0 [postinst]',
      '/etc/ssl/certs/a.pem symlink -> /usr/share/ca-certificates/m/a.crt 0:0 [postinst]',
      `/etc/ssl/certs/${first.hash}.0 symlink -> B_=c=.pem 0:0 [postinst]`,
      `/etc/ssl/certs/${second.hash}.0 symlink -> a.pem 0:0 [postinst]`,
      '/etc/ssl/certs/z-copy.pem symlink -> /usr/share/ca-certificates/m/z-copy.crt 0:0 [postinst]',
    ]);
    expect(audit.map(({ outcome }) => outcome)).toEqual(['interpreted']);
  });
});

describe('accounts', () => {
  const users = [
    { username: 'app', uid: 65532, gid: 65532, gecos: 'App', homedir: '/home/app', shell: '/sbin/nologin' },
  ];
  const groups = [{ groupname: 'app', gid: 65532, members: ['app', 'root'] }];
  const accounts = { users, groups, runAs: undefined };

  it('are written to a tree that has none', () => {
    const { text } = configured([], { accounts });
    expect(text('/etc/passwd')).toBe('app:x:65532:65532:App:/home/app:/sbin/nologin\n');
    expect(text('/etc/group')).toBe('app:x:65532:app,root\n');
    expect(text('/etc/shadow')).toBeUndefined();
  });

  it('are added behind those that a package brought, with their shadows', () => {
    const files = {
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash',
      '/etc/group': 'root:x:0:\n',
      '/etc/shadow': 'root:*:0:0:99999:7:::\n',
      '/etc/gshadow': 'root:*::\n',
    };
    const { text } = configured([packageWith('base', files)], { accounts });
    expect(text('/etc/passwd')?.split('\n')[1]).toBe('app:x:65532:65532:App:/home/app:/sbin/nologin');
    expect(text('/etc/shadow')).toBe('root:*:0:0:99999:7:::\napp:*:1:0:99999:7:::\n');
    expect(text('/etc/gshadow')).toBe('root:*::\napp:*::app,root\n');
  });

  it.each([
    ['its name', 'app:x:5:5:::\n'],
    ['its id', 'other:x:65532:5:::\n'],
  ])('are refused where an account has %s already', (_, passwd) => {
    const base = packageWith('clash', { '/etc/passwd': passwd });
    expect(() => configured([base], { accounts })).toThrow(
      /^cannot add the account app with id 65532: \/etc\/passwd has/,
    );
  });
});

describe('paths', () => {
  const at = { uid: undefined, gid: undefined, permissions: undefined };
  const packages = [mergeInput('a', ['/srv directory', '/srv/x file 0755', '/srv/l symlink -> x'])];
  const listed = (...paths: PathMutation[]) => {
    return listTree(configured(packages, { paths }).tree).filter((line) => /\[p\]/.test(line));
  };

  it.each<[PathMutation, string[]]>([
    [
      { ...at, type: 'directory', path: '/d/e', permissions: 0o1777, gid: 5, recursive: false },
      ['/d directory 0755 0:0 [p]', '/d/e directory 1777 0:5 [p]'],
    ],
    [{ ...at, type: 'empty-file', path: '/e' }, ['/e file 0644 0:0 [p]']],
    [{ ...at, type: 'file', path: '/f', content: 'x', uid: 7 }, ['/f file 0644 7:0 [p]']],
    [{ ...at, type: 'symlink', path: '/s', source: 'srv/x' }, ['/s symlink -> srv/x 0:0 [p]']],
    [{ ...at, type: 'hardlink', path: '/h', source: '/srv/x' }, []],
    [
      { ...at, type: 'permissions', path: '/srv/x', permissions: 0o600, recursive: false },
      ['/srv/x file 0600 0:0 [p]'],
    ],
    [
      { ...at, type: 'permissions', path: '/srv', permissions: 0o750, uid: 3, recursive: true },
      ['/srv directory 0750 3:0 [p]', '/srv/l symlink -> x 3:0 [p]', '/srv/x file 0750 3:0 [p]'],
    ],
  ])('carries out %j', (mutation, expected) => {
    expect(listed(mutation)).toEqual(expected);
  });

  it('says which path is not there', () => {
    const mutation = { ...at, type: 'permissions', path: '/none', permissions: 0, recursive: false } as const;
    expect(() => listed(mutation)).toThrow('cannot set the permissions of /none: nothing is there');
  });
});

describe('busybox applets', () => {
  const links = { uid: undefined, gid: undefined, permissions: undefined, type: 'busybox-applets' } as const;
  const mutation = { ...links, path: '/usr/bin', source: '/usr/bin/busybox' };
  const program = Buffer.from('\x7fELF\0stray\0[\0[[\0Not\0\0junk\0[\0[[\0ash\0cat\0ls\0\0end');

  it('are linked where no other program has the name', () => {
    const packages = [packageWith('bb', { '/usr/bin/busybox': program, '/bin/ls': 'coreutils' })];
    const lines = listTree(configured(packages, { paths: [mutation] }).tree).filter((line) => line.includes('busybox'));
    expect(lines).toEqual([
      '/usr/bin/[ symlink -> /usr/bin/busybox 0:0 [p]',
      '/usr/bin/[[ symlink -> /usr/bin/busybox 0:0 [p]',
      '/usr/bin/ash symlink -> /usr/bin/busybox 0:0 [p]',
      '/usr/bin/busybox file 0644 0:0 [bb]',
      '/usr/bin/cat symlink -> /usr/bin/busybox 0:0 [p]',
    ]);
  });

  it.each([
    ['there is no /usr/bin/busybox', {}],
    ['no table of applets was found in /usr/bin/busybox', { '/usr/bin/busybox': 'none' }],
  ])('are refused where %s', (message, files: Record<string, string>) => {
    expect(() => configured([packageWith('bb', files)], { paths: [mutation] })).toThrow(message);
  });
});

describe('apt sources', () => {
  it("name the profile's archives, not the mirror that was read", () => {
    const archives = [
      archiveSpec({ keyrings: ['k'] }),
      archiveSpec({ suite: 'trixie-security', keyrings: ['k'], kind: 'debian-security' }),
      archiveSpec({ suite: 'own', uris: ['http://a.example/x'], keyrings: ['k'], kind: 'other' }),
    ];
    const { text } = configured([mergeInput('apt', ['/usr/bin/apt-get file 0755'])], { archives });
    expect(text('/etc/apt/sources.list.d/debian.sources')).toBe(
      [
        'Types: deb\nURIs: http://ftp.debian.org/debian\nSuites: trixie\nComponents: main\n',
        'Types: deb\nURIs: http://security.debian.org/debian-security\nSuites: trixie-security\nComponents: main\n',
        'Types: deb\nURIs: http://a.example/x\nSuites: own\nComponents: main\n',
      ].join('\n'),
    );
  });
});

describe("apt's marks", () => {
  it('are on those that nobody asked for, by name and architecture', () => {
    const lib = (name: string, architecture: string) => mergeInput(name, [], { architecture });
    const packages = [lib('libb', 'all'), lib('liba', 'i386'), mergeInput('apt', []), lib('liba2', 'arm64')];
    const mark = (name: string, architecture: string) => {
      return `Package: ${name}\nArchitecture: ${architecture}\nAuto-Installed: 1\n\n`;
    };
    expect(configured(packages).text('/var/lib/apt/extended_states')).toBe(
      mark('liba', 'i386') + mark('liba2', 'arm64') + mark('libb', 'arm64'),
    );
    expect(configured([lib('libb', 'all')]).text('/var/lib/apt/extended_states')).toBeUndefined();
  });
});
