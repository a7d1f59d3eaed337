import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { treeOf, World, withDirectory } from './harness.js';

/** One program that makes a cache: a small input with what the real one made of it, and where real input may be found. */
interface Sample {
  readonly name: string;
  /** Where the real program may be. */
  readonly programs: readonly string[];
  readonly options: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256, shortened, of what the real program wrote (bookworm). */
  readonly outputs: Readonly<Record<string, string>>;
  readonly real: string;
  /** What the real directory needs of what is in it; undefined: all. */
  readonly only?: string;
}

const SCHEMA = `<?xml version="1.0" encoding="UTF-8"?>
<!-- one key of each kind -->
<schemalist gettext-domain="koala">
  <enum id="org.koala.Mood"><value nick="calm" value="0"/><value nick="asleep" value="1"/></enum>
  <flags id="org.koala.Limbs"><value nick="arm" value="1"/><value nick="leg" value="2"/></flags>
  <schema id="org.koala.Base"><key name="count" type="u"><default>3</default></key></schema>
  <schema id="org.koala" path="/org/koala/" extends="org.koala.Base">
    <key name="mood" enum="org.koala.Mood"><default>'calm'</default><aliases><alias value="awake" target="calm"/></aliases></key>
    <key name="limbs" flags="org.koala.Limbs"><default>['arm', "leg"]</default></key>
    <key name="leaves" type="a{sv}"><default>{'oak': &lt;1&gt;, 'gum': &lt;'\\u00e4'&gt;}</default></key>
    <key name="size" type="(id)"><default>(-1, 2.5)</default></key>
    <key name="ratio" type="d"><range min="0" max="1"/><default>0.5</default></key>
    <key name="words" type="as"><default l10n="messages" context="list"> [ 'a' , 'b' ] </default></key>
    <key name="maybe" type="ms"><default>nothing</default></key>
    <key name="kind" type="s"><choices><choice value="x"/><choice value="y"/></choices><default>'x'</default></key>
    <key name="none" type="ai"><default>[]</default></key>
    <override name="count">7</override>
    <child name="tree" schema="org.koala.Base"/>
  </schema>
</schemalist>
`;

const MIME = `<?xml version="1.0"?>
<!DOCTYPE mime-info [<!ELEMENT mime-info (mime-type)+>]>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="application/x-koala">
    <comment>Koala &amp; tree</comment><comment xml:lang="de">Beutelbär</comment><comment>Koala</comment>
    <generic-icon name="x-office-document"/><icon name="koala"/>
    <glob pattern="*.KOALA" weight="60"/><glob pattern="*.koala.gz"/><glob pattern="Koalafile" case-sensitive="true"/>
    <glob pattern="k[0-9]*"/>
    <magic priority="60">
      <match type="string" offset="0:4" value="\\x4bO\\101\\n" mask="0xff00ffff"><match type="host16" offset="8" value="0x102"/></match>
    </magic>
    <root-XML namespaceURI="urn:koala" localName="tree"/>
    <sub-class-of type="text/plain"/><alias type="application/koala"/>
  </mime-type>
  <mime-type type="x-content/koala"><treemagic><treematch path="KOALA" type="directory" non-empty="true"/></treemagic></mime-type>
  <mime-type type="text/plain"><glob-deleteall/><glob pattern="*.txt"/><magic-deleteall/></mime-type>
</mime-info>
`;

const SAMPLES: readonly Sample[] = [
  {
    name: 'glib-compile-schemas',
    programs: ['/usr/lib/x86_64-linux-gnu/glib-2.0/glib-compile-schemas', '/usr/bin/glib-compile-schemas'],
    options: [],
    files: {
      'a.gschema.xml': SCHEMA,
      'b.gschema.xml':
        '<schemalist><schema id="broken"><key name="k" type="i"><default>x</default></key></schema></schemalist>',
      '10_koala.gschema.override': "[org.koala]\nratio=0.25\nmood='nobody'\n[org.koala:GNOME]\nkind='y'\nnone=[1]\n",
    },
    outputs: { 'gschemas.compiled': 'ade7b217d9436b12' },
    real: '/usr/share/glib-2.0/schemas',
  },
  {
    name: 'update-mime-database',
    programs: ['/usr/bin/update-mime-database'],
    options: [],
    files: { 'packages/koala.xml': MIME },
    outputs: {
      'application/x-koala.xml': 'd9622e3a9f196b5e',
      globs2: '4898e2f74efd102b',
      magic: '38bd2af8a834d2a4',
      'mime.cache': 'd083a67901c3099f',
      treemagic: 'e50ec99713c59484',
    },
    real: '/usr/share/mime',
    only: 'packages',
  },
  {
    name: 'gtk-update-icon-cache',
    programs: ['/usr/bin/gtk-update-icon-cache'],
    options: ['--force', '--quiet'],
    files: {
      'index.theme': '[Icon Theme]\nName=koala\n',
      '16x16/apps/koala.png': '',
      '16x16/apps/koala.svg': '',
      '48x48/apps/koala.xpm': '',
      '48x48/apps/gum.tree.png': '',
      '48x48/koala.png': '',
      '48x48/apps/README': '',
      'at-the-top.png': '',
    },
    outputs: { 'icon-theme.cache': 'd62dc2f9de2d20b2' },
    real: '/usr/share/icons/hicolor',
  },
  {
    name: 'update-desktop-database',
    programs: ['/usr/bin/update-desktop-database'],
    options: ['--quiet'],
    files: {
      'b.desktop': '[Desktop Entry]\nMimeType=text/plain;application/x-koala; text/plain;nonsense;\n',
      'a.desktop': '[Desktop Entry]\nMimeType = text/plain\n',
      'kde/c.desktop': '[Desktop Entry]\nMimeType=text/plain;x-scheme-handler/koala\n',
      'hidden.desktop': '[Desktop Entry]\nHidden=true\nMimeType=text/plain\n',
    },
    outputs: { 'mimeinfo.cache': '39116d176b35d70b' },
    real: '/usr/share/applications',
  },
];

/** What the program wrote and is neither its input nor a version of its own. */
function written(world: World, inputs: ReadonlySet<string>): string[] {
  return world.entries().filter((line) => {
    const path = line.slice(0, line.indexOf(':'));
    return !inputs.has(path) && path !== '/version';
  });
}

function runBoth(directory: string, program: string, sample: Sample): [string[], string[]] {
  const inputs = new Set(new World(treeOf(directory)).entries().map((line) => line.slice(0, line.indexOf(':'))));
  const ours = new World(treeOf(directory));
  expect(ours.run([sample.name, ...sample.options, '/']).status).toBe(0);
  execFileSync(program, [...sample.options, directory], { stdio: 'pipe' });
  return [written(ours, inputs), written(new World(treeOf(directory)), inputs)];
}

describe.each(SAMPLES)('$name', (sample) => {
  it('writes the bytes that the real program wrote of a small input', () => {
    const world = new World().add(
      Object.fromEntries(
        Object.entries(sample.files).map(([path, text]) => [`/${path}`, Buffer.from(text).toString('latin1')]),
      ),
    );
    expect(world.run([sample.name, ...sample.options, '/']).status).toBe(0);
    const digests = Object.keys(sample.outputs).map((path) => {
      const bytes = Buffer.from(world.read(`/${path}`) ?? '', 'latin1');
      return [path, createHash('sha256').update(bytes).digest('hex').slice(0, 16)];
    });
    expect(Object.fromEntries(digests)).toEqual(sample.outputs);
  });

  const program = sample.programs.find((path) => existsSync(path));
  it.skipIf(program === undefined)(`agrees with ${sample.name} (skipped where it is not installed)`, () => {
    withDirectory((directory) => {
      for (const [path, text] of Object.entries(sample.files)) {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        writeFileSync(join(directory, path), text);
      }
      const [ours, theirs] = runBoth(directory, program ?? '', sample);
      expect(ours).toEqual(theirs);
    });
  });

  const hasInput = program !== undefined && existsSync(sample.real);
  it.skipIf(!hasInput)(`agrees over ${sample.real} (skipped where it or the program is missing)`, () => {
    withDirectory((directory) => {
      cpSync(sample.real, directory, { recursive: true, verbatimSymlinks: true });
      for (const name of readdirSync(directory)) {
        const isOutput = sample.only === undefined ? name in sample.outputs : name !== sample.only;
        if (isOutput) rmSync(join(directory, name), { recursive: true });
      }
      const [ours, theirs] = runBoth(directory, program ?? '', sample);
      expect(ours.length).toBeGreaterThan(0);
      expect(ours.join('\n') === theirs.join('\n')).toBe(true);
    });
  });
});
