import { describe, expect, it } from 'vitest';
import { makeElf } from '../builder/elf.js';
import { CLOSED, type Entries, findingsOf, report, treeOf } from './trees.js';

const LIB = '/usr/lib/x86_64-linux-gnu';
const LOADER = '/lib64/ld-linux-x86-64.so.2';
const program = (options: Parameters<typeof makeElf>[0]): Buffer => makeElf({ interpreter: LOADER, ...options });

describe('a closed tree', () => {
  it('has no findings, and says what it needs of the machine', () => {
    const found = report(treeOf(CLOSED));
    expect(found.findings).toEqual([]);
    expect(found).toMatchObject({ closed: true, architecture: 'amd64', kernel: '3.2.0', unusedAccepts: [] });
    expect(found.counts).toEqual({ files: 6, elf: 5, programs: 2, scripts: 1, links: 6 });
  });

  it('is told its architecture by its programs', () => {
    expect(report(treeOf(CLOSED), { architectures: [] }).architecture).toBe('amd64');
  });
});

describe('a seeded fault is found', () => {
  it.each<[string, Entries, string[]]>([
    [
      'a library that was removed',
      { [`${LIB}/libz.so.1`]: null, [`${LIB}/libz.so.1.3`]: null },
      ['error library libz.so.1: /usr/bin/tool (DT_NEEDED)'],
    ],
    [
      'a library without the link of its soname',
      { [`${LIB}/libz.so.1`]: null },
      ['error library libz.so.1: /usr/bin/tool (DT_NEEDED)'],
    ],
    [
      'a link of a soname to nothing',
      { [`${LIB}/libz.so.1.3`]: null },
      [
        'error library libz.so.1: /usr/bin/tool (DT_NEEDED)',
        `error link ${LIB}/libz.so.1.3: ${LIB}/libz.so.1 (→ libz.so.1.3)`,
      ],
    ],
    [
      'a loader',
      { [`${LIB}/ld-linux-x86-64.so.2`]: null, '/usr/lib64/ld-linux-x86-64.so.2': null },
      [
        `error interpreter ${LOADER}: /usr/bin/sh (PT_INTERP), /usr/bin/tool (PT_INTERP), ${LIB}/libc.so.6 (PT_INTERP)`,
        `error library ld-linux-x86-64.so.2: ${LIB}/libc.so.6 (DT_NEEDED)`,
        'error link /usr/lib64: /lib64 (→ usr/lib64)',
      ],
    ],
    ['an interpreter of a script', { '/usr/bin/sh': null }, ['error interpreter /bin/sh: /usr/bin/script (#!/bin/sh)']],
    [
      'what env would look for',
      { '/usr/bin/env': program({}), '/usr/bin/snake': '#!/usr/bin/env -S python3 -u\n' },
      ['error interpreter python3: /usr/bin/snake (#!/usr/bin/env -S python3 -u)'],
    ],
    [
      'env itself',
      { '/usr/bin/snake': '#!/usr/bin/env script\n' },
      ['error interpreter /usr/bin/env: /usr/bin/snake (#!/usr/bin/env script)'],
    ],
    [
      'a version of symbols',
      { '/usr/bin/new': program({ needed: ['libc.so.6'], requires: { 'libc.so.6': ['GLIBC_2.99', 'GLIBC_3?'] } }) },
      ['error symbol-version GLIBC_2.99 of libc.so.6: /usr/bin/new (DT_VERNEED)'],
    ],
    [
      'versions of a library that has none',
      { '/usr/bin/new': program({ needed: ['libz.so.1'], requires: { 'libz.so.1': ['ZLIB_1.2'] } }) },
      ['warning symbol-version ZLIB_1.2 of libz.so.1: /usr/bin/new (DT_VERNEED)'],
    ],
    [
      'a library for another architecture',
      { [`${LIB}/libz.so.1.3`]: makeElf({ machine: 183, soname: 'libz.so.1' }) },
      [
        'error library libz.so.1: /usr/bin/tool (DT_NEEDED)',
        `error architecture amd64: ${LIB}/libz.so.1.3 (is for arm64)`,
      ],
    ],
    [
      'a library of another class',
      { [`${LIB}/libz.so.1.3`]: makeElf({ machine: 3, bits: 32, soname: 'libz.so.1' }) },
      [
        'error library libz.so.1: /usr/bin/tool (DT_NEEDED)',
        `error architecture amd64: ${LIB}/libz.so.1.3 (is for i386)`,
      ],
    ],
    [
      'a program for another architecture',
      { '/usr/bin/other': makeElf({ machine: 22, bigEndian: true, type: 2 }) },
      ['error architecture amd64: /usr/bin/other (is for s390x)'],
    ],
    [
      'a link of configuration to what need not be there',
      { '/etc/default/it': '→ ../that' },
      ['warning link /etc/that: /etc/default/it (→ ../that)'],
    ],
    ['a dangling link', { '/usr/lib/it': '→ that' }, ['error link /usr/lib/that: /usr/lib/it (→ that)']],
    [
      'links in a circle',
      { '/etc/a': '→ b', '/etc/b': '→ a' },
      ['error link /etc/a: /etc/a (→ b)', 'error link /etc/b: /etc/b (→ a)'],
    ],
    [
      'a library to open that is required',
      { '/usr/bin/opens': program({ dlopen: [{ soname: ['libq.so.1', 'libq.so.2'], priority: 'required' }] }) },
      ['error dlopen libq.so.1 or libq.so.2: /usr/bin/opens (.note.dlopen, required)'],
    ],
    [
      'a library to open that is recommended',
      {
        '/usr/bin/opens': program({
          dlopen: [
            { soname: ['libq.so.1'] },
            { soname: ['libz.so.1'] },
            { soname: ['libr.so'], priority: 'suggested' },
          ],
        }),
      },
      ['warning dlopen libq.so.1: /usr/bin/opens (.note.dlopen, recommended)'],
    ],
    [
      'a library that is preloaded',
      { '/etc/ld.so.preload': '/usr/lib/libp.so\n' },
      ['error library /usr/lib/libp.so: /etc/ld.so.preload (/usr/lib/libp.so)'],
    ],
    [
      'a CPU that not all have',
      { '/usr/bin/fast': program({ isa: 5 }) },
      ['warning cpu x86-64-v3: /usr/bin/fast (GNU_PROPERTY_X86_ISA_1_NEEDED)'],
    ],
    [
      'a library that is there only for some CPUs',
      {
        [`${LIB}/glibc-hwcaps/x86-64-v3/libz.so.1`]: makeElf({ soname: 'libz.so.1', isa: 5 }),
        [`${LIB}/libz.so.1`]: null,
        [`${LIB}/libz.so.1.3`]: null,
      },
      ['warning cpu x86-64-v3: /usr/bin/tool (DT_NEEDED libz.so.1)'],
    ],
  ])('%s', (_what, changes, expected) => {
    const found = report(treeOf(CLOSED, changes));
    expect(findingsOf(found)).toEqual(expected);
    expect(found.closed).toBe(!expected.some((text) => text.startsWith('error')));
  });

  it('names the programs that do not start, and those that load them', () => {
    const changes = {
      '/usr/bin/outer': program({ needed: ['libo.so'] }),
      [`${LIB}/libo.so`]: makeElf({ soname: 'libo.so', needed: ['libgone.so.1'] }),
    };
    const [finding] = report(treeOf(CLOSED, changes)).findings;
    expect(finding).toMatchObject({
      missing: 'libgone.so.1',
      stops: { programs: ['/usr/bin/outer'], scripts: [] },
      needs: [{ path: `${LIB}/libo.so`, package: 'test' }],
    });
  });
});

describe('nothing is said of', () => {
  it.each<[string, Entries]>([
    [
      'what the kernel or the system makes',
      { '/etc/fd': '→ /dev/fd', '/etc/resolv.conf': '→ ../run/systemd/resolve/stub-resolv.conf' },
    ],
    ['documentation', { '/usr/share/doc/x': '→ y', '/etc/alternatives/awk.1.gz': '→ /usr/share/man/man1/mawk.1.gz' }],
    ['samples', { '/usr/share/doc/x/examples/bin/run': '#!/usr/bin/perl\n' }],
    ['scripts that nobody starts', { '/etc/init.d/bin/x': '#!/usr/bin/perl\n' }],
    ['scripts that nobody may execute', { '/usr/lib/module.py': '#!/usr/bin/python3\n' }],
    ['data for other machines', { '/usr/lib/firmware/x.elf': makeElf({ machine: 247, needed: ['libq.so'] }) }],
    ['objects to be linked', { [`${LIB}/crt1.o`]: makeElf({ type: 1, needed: ['libq.so'] }) }],
    ['the library of the kernel', { '/usr/bin/v': program({ needed: ['linux-vdso.so.1'] }) }],
    [
      'a CPU where glibc looks only with it',
      { [`${LIB}/glibc-hwcaps/x86-64-v3/libz.so.1`]: makeElf({ soname: 'libz.so.1', isa: 5 }) },
    ],
    [
      'libraries beside a program with $ORIGIN',
      {
        '/opt/x/bin/p': program({ needed: ['libown.so'], runpath: '$ORIGIN/../lib' }),
        '/opt/x/lib/libown.so': makeElf({ soname: 'libown.so' }),
      },
    ],
    [
      'libraries that DT_RPATH of the program leads to',
      {
        '/opt/x/bin/p': program({ needed: ['liba.so'], rpath: '$ORIGIN/../lib' }),
        '/opt/x/lib/liba.so': makeElf({ soname: 'liba.so', needed: ['libb.so'] }),
        '/opt/x/lib/libb.so': makeElf({ soname: 'libb.so' }),
      },
    ],
    [
      'a library that whoever opens the file has loaded',
      {
        '/opt/x/lib/plugin.so': makeElf({ needed: ['libb.so'] }),
        '/opt/x/lib/libb.so': makeElf({ soname: 'libb.so' }),
      },
    ],
    [
      'i386 beside amd64',
      {
        '/usr/lib32/libx.so': makeElf({ machine: 3, bits: 32, needed: ['liby.so'] }),
        '/usr/lib32/liby.so': makeElf({ machine: 3, bits: 32 }),
      },
    ],
  ])('%s', (_what, changes) => {
    expect(findingsOf(report(treeOf(CLOSED, changes)))).toEqual([]);
  });
});

describe('what a program does not find', () => {
  const elsewhere = { '/opt/lib/libfar.so': makeElf({ soname: 'libfar.so' }) };

  it('is an error though it lies in the tree', () => {
    const found = report(treeOf(CLOSED, { ...elsewhere, '/usr/bin/far': program({ needed: ['libfar.so'] }) }));
    expect(findingsOf(found)).toEqual(['error library libfar.so: /usr/bin/far (DT_NEEDED)']);
    expect(found.findings[0]?.detail).toBe('it is in /opt/lib/libfar.so, where the dynamic linker does not look');
  });

  it('is what a library of it would need to be loaded before', () => {
    const between = { [`${LIB}/libmid.so`]: makeElf({ soname: 'libmid.so', needed: ['libfar.so'] }) };
    const found = report(
      treeOf(CLOSED, { ...elsewhere, ...between, '/usr/bin/far': program({ needed: ['libmid.so'] }) }),
    );
    expect(findingsOf(found)).toEqual([`error library libfar.so: /usr/bin/far (DT_NEEDED of ${LIB}/libmid.so)`]);
  });
});

describe('other architectures', () => {
  it.each([
    ['arm64', 'aarch64-linux-gnu', '/lib/ld-linux-aarch64.so.1', { machine: 183 }],
    ['riscv64', 'riscv64-linux-gnu', '/lib/ld-linux-riscv64-lp64d.so.1', { machine: 243, flags: 5 }],
    ['armhf', 'arm-linux-gnueabihf', '/lib/ld-linux-armhf.so.3', { machine: 40, bits: 32, flags: 0x5000400 }],
    ['s390x', 's390x-linux-gnu', '/lib/ld64.so.1', { machine: 22, bigEndian: true }],
  ] as const)('%s', (name, triplet, loader, abi) => {
    const entries = {
      '/lib': '→ usr/lib',
      [loader.replace('/lib', '/usr/lib')]: makeElf({ ...abi, soname: loader.slice(5) }),
      [`/usr/lib/${triplet}/libc.so.6`]: makeElf({ ...abi, soname: 'libc.so.6', versions: ['GLIBC_2.34'] }),
      '/usr/bin/tool': makeElf({
        ...abi,
        interpreter: loader,
        needed: ['libc.so.6'],
        requires: { 'libc.so.6': ['GLIBC_2.34'] },
      }),
    };
    expect(findingsOf(report(treeOf(entries), { architectures: [] }))).toEqual([]);
    expect(report(treeOf(entries), { architectures: [] }).architecture).toBe(name);
    const broken = treeOf(entries, { [`/usr/lib/${triplet}/libc.so.6`]: makeElf({ soname: 'libc.so.6' }) });
    expect(findingsOf(report(broken, { architectures: [name] }))).toEqual([
      'error library libc.so.6: /usr/bin/tool (DT_NEEDED)',
      `error architecture ${name}: /usr/lib/${triplet}/libc.so.6 (is for amd64)`,
    ]);
  });
});

describe('a gap that the profile accepts', () => {
  const changes = { '/usr/bin/sh': null, '/usr/bin/other': '#!/bin/sh\n' };
  const accept = (path?: string) => [{ missing: '/bin/*', path, reason: 'nobody runs it' }];

  it('leaves the tree closed', () => {
    const found = report(treeOf(CLOSED, changes), { accept: accept() });
    expect(found.closed).toBe(true);
    expect(found.findings).toMatchObject([{ missing: '/bin/sh', accepted: 'nobody runs it', needs: [{}, {}] }]);
  });

  it('is accepted for some files only', () => {
    const found = report(treeOf(CLOSED, changes), { accept: accept('/usr/bin/oth*') });
    expect(found.closed).toBe(false);
    expect(found.findings.map(({ needs, accepted }) => [accepted, ...needs.map(({ path }) => path)])).toEqual([
      [undefined, '/usr/bin/script'],
      ['nobody runs it', '/usr/bin/other'],
    ]);
  });

  it('is named where nothing is missing', () => {
    expect(report(treeOf(CLOSED), { accept: accept() }).unusedAccepts).toEqual(accept());
  });
});

describe('what stops', () => {
  it('programs comes before what stops scripts, and that before the rest', () => {
    const changes = {
      [`${LIB}/libz.so.1`]: null,
      '/usr/bin/sh': null,
      '/usr/lib/it': '→ that',
      '/usr/bin/x': '#!/bin/sh\n',
    };
    expect(report(treeOf(CLOSED, changes)).findings.map(({ missing, stops }) => [missing, stops])).toEqual([
      ['libz.so.1', { programs: ['/usr/bin/tool'], scripts: [] }],
      ['/bin/sh', { programs: [], scripts: ['/usr/bin/script', '/usr/bin/x'] }],
      ['/usr/lib/that', { programs: [], scripts: [] }],
    ]);
  });
});

describe('what the profile took away itself', () => {
  const causes = ({ findings }: ReturnType<typeof report>) => findings.map(({ missing, cause }) => [missing, cause]);

  it.each<[string, Entries, string, string]>([
    ['a library', { [`${LIB}/libz.so.1`]: null, [`${LIB}/libz.so.1.3`]: null }, 'libz1', 'libz.so.1'],
    ['a shell', { '/usr/bin/sh': null }, 'dash', '/bin/sh'],
    [
      'what env looks for',
      { '/usr/bin/env': program({}), '/usr/bin/s': '#!/usr/bin/env python3\n' },
      'python3',
      'python3',
    ],
    ['a command of a script', { '/usr/bin/script': '#!/bin/sh\nawk 1\n' }, 'mawk', 'awk'],
  ])('by a drop: %s', (_what, changes, dropped, missing) => {
    const tree = treeOf(CLOSED, changes);
    expect(causes(report(tree))).toEqual([[missing, undefined]]);
    const found = report(tree, { dropped: [{ package: dropped, by: 'test' }] });
    expect(causes(found)).toEqual([[missing, 'drop']]);
    expect(found.closed).toBe(false);
    expect(found.findings[0]?.detail).toBe(`the profile drops ${dropped} of test`);
    // What others need, and did not declare, is no matter of the drop.
    expect(causes(report(tree, { dropped: [{ package: dropped, by: 'base-files' }] }))).toEqual([[missing, undefined]]);
    expect(causes(report(tree, { dropped: [{ package: 'other', by: 'test' }] }))).toEqual([[missing, undefined]]);
  });

  it.each<[string, Entries, string[], [string, string | undefined][]]>([
    ['a library', { [`${LIB}/libz.so.1`]: null }, [`${LIB}/libz.so.1`], [['libz.so.1', 'exclude-paths']]],
    ['a shell', { '/usr/bin/sh': null }, ['/usr/bin/sh'], [['/bin/sh', 'exclude-paths']]],
    ['the target of a link', { '/usr/lib/it': '→ that' }, ['/usr/lib/that'], [['/usr/lib/that', 'exclude-paths']]],
    ['another path of that name', { '/usr/bin/sh': null }, ['/opt/bin/sh'], [['/bin/sh', undefined]]],
  ])('by exclude-paths: %s', (_what, changes, gone, expected) => {
    expect(
      causes(
        report(treeOf(CLOSED, changes), { gone: new Map(gone.map((path) => [path, { glob: path, keep: false }])) }),
      ),
    ).toEqual(expected);
  });
});
