import { describe, expect, it } from 'vitest';
import { World } from './harness.js';

const PARTS = {
  '/usr/share/xml-core/catalog.header': '<catalog>\n',
  '/usr/share/xml-core/catalog.footer': '</catalog>\n',
};
const LOCAL = '/usr/share/xml/koala.xml';

function world(): World {
  return new World().add({ ...PARTS, [LOCAL]: '', '/etc/xml/': '', '/var/lib/xml-core/': '' });
}

function change(on: World, ...args: string[]): number {
  return on.run(['update-xmlcatalog', '--sort', ...args]).status;
}

describe('update-xmlcatalog', () => {
  const entry = ['--type', 'public', '--id', '-//Koala//EN', '--package', 'koala'];

  it("adds to a package's catalog and to the root's, sorted, and keeps the one before", () => {
    const on = world();
    expect(change(on, '--add', ...entry, '--local', LOCAL)).toBe(0);
    expect(change(on, '--add', '--type', 'uri', '--id', 'urn:a', '--package', 'koala', '--local', LOCAL)).toBe(0);
    expect(change(on, '--add', ...entry, '--root')).toBe(0);
    const first = `<delegatePublic publicIdStartString="-//Koala//EN" catalog="file://${LOCAL}"/>\n`;
    expect(on.read('/etc/xml/koala.xml.old')).toBe(`<catalog>\n${first}</catalog>\n`);
    expect(on.read('/etc/xml/koala.xml')).toBe(
      `<catalog>\n${first}<delegateURI uriStartString="urn:a" catalog="file://${LOCAL}"/>\n</catalog>\n`,
    );
    expect(on.read('/var/lib/xml-core/catalog')).toBe(
      '<delegatePublic publicIdStartString="-//Koala//EN"><catalog="file:///etc/xml/koala.xml">\n',
    );
  });

  it('takes an entry out, and a catalog with its last one', () => {
    const on = world();
    change(on, '--add', ...entry, '--local', LOCAL);
    expect(change(on, '--del', ...entry)).toBe(0);
    expect([on.read('/etc/xml/koala.xml'), on.read('/var/lib/xml-core/koala')]).toEqual([undefined, undefined]);
    expect(change(on, '--del', ...entry)).toBe(1);
  });

  it.each([
    ['neither adds nor deletes', entry],
    ['knows no such type', ['--add', '--type', 'odd', '--id', 'x', '--package', 'koala', '--local', LOCAL]],
    ['has no local catalog', ['--add', ...entry, '--local', '/nowhere']],
    ['has no catalog of the package', ['--add', ...entry, '--root']],
  ])('fails where it %s', (_, args) => {
    expect(change(world(), ...args)).toBe(1);
  });
});

describe('update-catalog', () => {
  it('lists the catalogs whose own catalogs are there', () => {
    const on = new World().add({
      '/etc/sgml/b.cat': 'CATALOG /usr/share/sgml/b\n',
      '/etc/sgml/a.cat': '-- CATALOG /nowhere --\nBASE "/usr/share/sgml"\ncatalog b\n',
      '/etc/sgml/broken.cat': "CATALOG '/nowhere'\n",
      '/usr/share/sgml/b': '',
      '/var/lib/sgml-base/supercatalog': 'old',
    });
    expect(on.run(['update-catalog', '--update-super']).status).toBe(0);
    expect(on.read('/var/lib/sgml-base/supercatalog')).toMatch(
      /--\nCATALOG \/etc\/sgml\/a.cat\nCATALOG \/etc\/sgml\/b.cat\n$/,
    );
    expect(on.read('/var/lib/sgml-base/supercatalog.old')).toBe('old');
  });

  it('adds to a catalog and takes out of it; the list of all waits for a trigger', () => {
    const on = new World().add({ '/usr/share/sgml-base/catalog.centralized': '-- CATALOG --\n', '/etc/sgml/': '' });
    on.run(['update-catalog', '--add', '/etc/sgml/k.cat', '/usr/share/sgml/k']);
    expect(on.read('/etc/sgml/k.cat')).toBe('-- /etc/sgml/k.cat --\nCATALOG /usr/share/sgml/k\n');
    on.run(['update-catalog', '--remove', '/etc/sgml/k.cat', '/usr/share/sgml/k']);
    expect(on.read('/etc/sgml/k.cat')).toBe('-- /etc/sgml/k.cat --\n');
    on.run(['update-catalog', '--add', '--super', '/etc/sgml/k.cat']);
    expect(on.triggers.drain()).toEqual(['/etc/sgml']);
  });
});
