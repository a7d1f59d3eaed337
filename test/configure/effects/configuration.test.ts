import { describe, expect, it } from 'vitest';
import { CONFMODULE_PATHS, sourceConfmodule } from '../../../src/configure/effects/debconf.js';
import { DebconfDatabase } from '../../../src/configure/effects/debconf-database.js';
import { World } from './harness.js';

const TEMPLATES = `Template: p/bool
Type: boolean
Default: true
Description: A bool \${VAR}?
 Long text
 with lines.
 .
 More.
Description-de.UTF-8: Ein

Template: p/sel
Type: select
Choices: a, b, c
Default: b
Description: Select

Template: p/values
Type: select
Choices: None, Slight
Choices-de.UTF-8: keine, gering
Choices-C: none, slight
Default: slight

Template: p/dyn
Type: select
Choices: \${choices}
Description: Dyn

Template: p/str
Type: string
Description: Str
`;

describe('debconf', () => {
  // Replies as debconf-communicate(1) of debconf 1.5.82 gives them with the noninteractive frontend.
  const sessions: [string, string[], string][] = [
    ['a default', ['GET p/bool'], '0 true'],
    ['a question that nobody sees', ['INPUT critical p/str'], '30 question skipped'],
    ['a choice that is none', ['SET p/sel zzz', 'INPUT high p/sel', 'GO', 'GET p/sel'], '0 a'],
    ['a choice of values that people do not read', ['INPUT low p/values', 'GO', 'GET p/values'], '0 slight'],
    ['the values', ['METAGET p/values choices-c'], '0 none, slight'],
    ['choices from a variable', ['SUBST p/dyn choices one, two', 'INPUT high p/dyn', 'GO', 'GET p/dyn'], '0 one'],
    ['a reset', ['SET p/sel c', 'RESET p/sel', 'GET p/sel'], '0 b'],
    ['lost blanks', ['SET p/str some   text', 'GET p/str'], '0 some text'],
    ['flags', ['FSET p/str seen true', 'FGET p/str seen'], '0 true'],
    ['a description', ['SUBST p/bool VAR value', 'METAGET p/bool description'], '0 A bool value?'],
    ['a long description', ['METAGET p/bool extended_description'], '0 Long text with lines.'],
    ['no such question', ['GET p/unknown'], "10 p/unknown doesn't exist"],
    ['no such priority', ['INPUT foo p/bool'], '20 "foo" is not a valid priority'],
    ['another question of a template', ['REGISTER p/bool p/other', 'GET p/other'], '0 true'],
    ['a later protocol', ['VERSION 3.0'], '30 Version too high (3.0)'],
    ['an answer in advance', ['GET p/seeded'], '0 yes'],
  ];
  it.each(sessions)('%s', (_, lines, reply) => {
    const database = new DebconfDatabase();
    database.load(TEMPLATES);
    database.preseed('p/seeded', 'string', 'yes');
    const replies = lines.map((line) => database.command(line));
    const last = replies.at(-1);
    expect(`${last?.code} ${last?.text}`).toBe(reply);
  });

  it('keeps lines apart for scripts that take escapes', () => {
    const database = new DebconfDatabase();
    database.load(TEMPLATES);
    database.command('CAPB escape');
    database.command('SET p/str a\\nb\\ c\\\\d');
    expect(database.command('GET p/str')).toEqual({ code: 0, text: 'a\nb c\\d' });
  });

  it('takes selections', () => {
    const it = new World();
    expect(it.run(['debconf-set-selections'], { input: '# c\ntzdata tzdata/Areas select Europe\n' }).status).toBe(0);
    expect(it.debconf.command('GET tzdata/Areas')).toEqual({ code: 0, text: 'Europe' });
  });

  it('defines the functions of the shell library', () => {
    const names: string[] = [];
    sourceConfmodule({ get: () => undefined, set: () => {}, define: (name) => names.push(name) });
    expect(CONFMODULE_PATHS).toContain('/usr/share/debconf/confmodule');
    expect(names).toEqual(expect.arrayContaining(['db_get', 'db_input', 'db_go', 'db_stop', 'db_x_loadtemplatefile']));
  });
});

describe('ucf', () => {
  const digest = (text: string): string =>
    ({ one: '5bbf5a52328e7439ae6e719dfe712200', two: 'c193497a1a06b2c72230e6146ff47080' })[text] ?? '';

  it('installs a new file, follows a new version, keeps a changed one', () => {
    const it = new World().add({
      '/usr/share/p/one': 'one\n',
      '/usr/share/p/two': 'two\n',
      '/etc/': '',
      '/var/lib/ucf/cache/': '',
    });
    it.run(['ucf', '/usr/share/p/one', '/etc/p.conf']);
    expect(it.read('/etc/p.conf')).toBe('one\n');
    expect(it.read('/var/lib/ucf/hashfile')).toBe(`${digest('one')}  /etc/p.conf\n`);
    expect(it.read('/var/lib/ucf/cache/:etc:p.conf')).toBe('one\n');
    it.run(['ucf', '/usr/share/p/two', '/etc/p.conf']);
    expect(it.read('/etc/p.conf')).toBe('two\n');
    expect(it.read('/var/lib/ucf/hashfile.0')).toBe(`${digest('one')}  /etc/p.conf\n`);
    it.add({ '/etc/p.conf': 'changed\n' }).run(['ucf', '/usr/share/p/one', '/etc/p.conf']);
    expect([it.read('/etc/p.conf'), it.read('/etc/p.conf.ucf-dist')]).toEqual(['changed\n', 'one\n']);
  });

  it.each([
    ['3.0043+nmu1+deb12u1', ['hashfile', 'hashfile.0', 'hashfile.1']],
    // Its loop over the generations has nothing to do: what the real one leaves where debconf is installed.
    ['3.0052', ['hashfile', 'hashfile.0']],
  ])('%s keeps former hashes in %j', (version, names) => {
    const ucf = { name: 'ucf', version, architecture: 'all', multiArchSame: false };
    const installed = { ...ucf, status: 'install ok installed', fields: new Map(), files: () => [] };
    const it = new World(undefined, { packages: [installed] }).add({
      '/usr/share/debconf/confmodule': '',
      '/usr/share/p/one': 'one\n',
      '/etc/': '',
    });
    for (const name of ['a', 'b', 'c']) it.run(['ucf', '/usr/share/p/one', `/etc/${name}`]);
    const state = it.tree.get('/var/lib/ucf');
    const left = state?.type === 'directory' ? [...state.children.keys()].filter((name) => name !== 'cache') : [];
    expect(left.sort()).toEqual(names);
  });

  it('registers a file with its package', () => {
    const it = new World().add({ '/etc/p.conf': '' });
    expect(it.run(['ucfr', 'p', '/etc/p.conf']).status).toBe(0);
    expect(it.read('/var/lib/ucf/registry')).toBe('p \t /etc/p.conf\n');
    expect(it.run(['ucfr', 'q', '/etc/p.conf']).status).toBe(4);
    expect(it.run(['ucfr', '--purge', 'q', '/etc/p.conf']).status).toBe(5);
    // What is not registered needs no purging, and no generation moves.
    expect(it.run(['ucfr', '--purge', 'p', '/etc/other']).status).toBe(0);
    expect(it.read('/var/lib/ucf/registry.1')).toBeUndefined();
    expect(it.run(['ucfr', '--purge', 'p', '/etc/p.conf']).status).toBe(0);
    expect([it.read('/var/lib/ucf/registry'), it.read('/var/lib/ucf/registry.1')]).toEqual(['', '']);
  });
});

describe('pam-auth-update', () => {
  const config = (type: string): string =>
    `# head\n# here are the per-package modules (the "Primary" block)\n$${type}_primary\n# here's the fallback if no module succeeds\n${type}\trequisite\t\t\tpam_deny.so\n# and here are more per-package modules (the "Additional" block)\n$${type}_additional\n# end of pam-auth-update config\n`;
  const types = ['auth', 'account', 'password', 'session', 'session-noninteractive'];

  function world(): World {
    return new World().add({
      ...Object.fromEntries(
        types.map((type) => [`/usr/share/pam/common-${type}`, config(type.replace('-noninteractive', ''))]),
      ),
      '/etc/pam.d/': '',
      '/usr/share/pam-configs/unix':
        'Name: Unix\nDefault: yes\nPriority: 256\nAuth-Type: Primary\nAuth:\n\t[success=end default=ignore]\tpam_unix.so nullok try_first_pass\nAuth-Initial:\n\t[success=end default=ignore]\tpam_unix.so nullok\n',
      '/usr/share/pam-configs/krb5':
        'Name: Kerberos\nDefault: yes\nPriority: 704\nAuth-Type: Primary\nAuth:\n\t[success=end default=ignore]\tpam_krb5.so try_first_pass\nAuth-Initial:\n\t[success=end default=ignore]\tpam_krb5.so\nSession-Type: Additional\nSession-Interactive-Only: yes\nSession:\n\toptional\tpam_krb5.so\n',
    });
  }
  const modules = (it: World, type: string): string[] =>
    (it.read(`/etc/pam.d/common-${type}`) ?? '').split('\n').filter((line) => /pam_(?:unix|krb5|permit)/.test(line));

  it('stacks the modules by priority, with jumps behind the last', () => {
    const it = world();
    it.run(['pam-auth-update', '--package', '--force']);
    expect(modules(it, 'auth')).toEqual([
      'auth\t[success=2 default=ignore]\tpam_krb5.so ',
      'auth\t[success=1 default=ignore]\tpam_unix.so nullok try_first_pass',
    ]);
    expect(modules(it, 'session')).toEqual([
      'session\t[default=1]\t\t\tpam_permit.so',
      'session\toptional\tpam_krb5.so ',
    ]);
    expect(modules(it, 'session-noninteractive')).toEqual(['session\t[default=1]\t\t\tpam_permit.so']);
    expect(it.read('/var/lib/pam/seen')).toBe('krb5\nunix\n');
  });

  it("keeps the administrator's options, and drops a module that is removed", () => {
    const it = world();
    it.run(['pam-auth-update', '--package', '--force']);
    it.add({ '/etc/pam.d/common-auth': (it.read('/etc/pam.d/common-auth') ?? '').replace('nullok try', 'audit try') });
    it.run(['pam-auth-update', '--package', '--remove', 'krb5']);
    expect(modules(it, 'auth')).toEqual(['auth\t[success=1 default=ignore]\tpam_unix.so audit']);
  });

  it('leaves configs alone that it did not write', () => {
    const it = world().add({ '/etc/pam.d/common-auth': 'auth required pam_own.so\n' });
    expect(it.run(['pam-auth-update', '--package']).stderr).toContain('Local modifications');
    expect(it.read('/etc/pam.d/common-auth')).toBe('auth required pam_own.so\n');
  });
});

describe('shells', () => {
  it('lists the shells of the packages by all their names', () => {
    const it = new World().add({
      '/bin': '-> usr/bin',
      '/usr/bin/': '',
      '/var/lib/': '',
      '/usr/share/debianutils/shells': '# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n',
      '/usr/share/debianutils/shells.d/dash': '/bin/dash\n',
    });
    it.add({ '/etc/': '' }).run(['update-shells']);
    expect(it.read('/etc/shells')).toBe(
      '# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/dash\n/usr/bin/dash\n',
    );
    expect(it.read('/var/lib/shells.state')).toBe('/bin/sh\n/usr/bin/sh\n/bin/dash\n/usr/bin/dash\n');
    it.run(['add-shell', '/bin/fish']);
    it.run(['remove-shell', '/bin/dash']);
    expect(it.read('/etc/shells')).toBe(
      '# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/fish\n/usr/bin/fish\n',
    );
  });
});
