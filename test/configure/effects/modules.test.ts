import { describe, expect, it } from 'vitest';
import { PIXBUF_LOADERS } from '../../../src/configure/effects/module-tables.js';
import { readHost, World } from './harness.js';

const LIBRARIES = '/usr/lib/x86_64-linux-gnu';

function packageOf(name: string, version: string) {
  const rest = { architecture: 'amd64', multiArchSame: true, status: '', fields: new Map(), files: () => [] };
  return { name, version, ...rest };
}

describe('programs that ask modules what they are for', () => {
  it('gio-querymodules: those that Debian ships', () => {
    const modules = `${LIBRARIES}/gio/modules`;
    const world = new World().add({
      [`${modules}/libgvfsdbus.so`]: '',
      [`${modules}/libdconfsettings.so`]: '',
      [`${modules}/README`]: '',
      [`${modules}/libother.so`]: '',
    });
    expect(world.run(['gio-querymodules', modules]).status).toBe(0);
    expect(world.read(`${modules}/giomodule.cache`)).toBe(
      'libdconfsettings.so: gsettings-backend\nlibgvfsdbus.so: gio-vfs,gio-volume-monitor\n',
    );
    expect(world.reports).toMatchObject([{ type: 'unsupported', what: 'what the module libother.so is for' }]);
  });

  it('gio-querymodules: no cache of no modules', () => {
    const world = new World().add({ '/modules/giomodule.cache': 'old' });
    world.run(['gio-querymodules', '/modules']);
    expect(world.read('/modules/giomodule.cache')).toBeUndefined();
  });

  it('gdk-pixbuf-query-loaders: to the standard output', () => {
    const packages = [packageOf('libgdk-pixbuf-2.0-0', '2.42.10+dfsg-1+deb12u4')];
    const program = `${LIBRARIES}/gdk-pixbuf-2.0/gdk-pixbuf-query-loaders`;
    const loader = `${LIBRARIES}/gdk-pixbuf-2.0/2.10.0/loaders/libpixbufloader-xpm.so`;
    const world = new World(undefined, { packages });
    const { stdout } = world.run([program, loader, '/x/odd.so']);
    expect(stdout).toBe(`# GdkPixbuf Image Loader Modules file
# Automatically generated file, do not edit
# Created by gdk-pixbuf-query-loaders from gdk-pixbuf-2.42.10
#
"${loader}"
"xpm" 4 "gdk-pixbuf" "XPM" "LGPL"
"image/x-xpixmap" ""
"xpm" ""
"/* XPM */" "" 100


`);
    expect(world.reports).toMatchObject([{ type: 'unsupported', what: 'what the image loader /x/odd.so is for' }]);
  });

  it('gtk-query-immodules-3.0: into the cache', () => {
    const packages = [packageOf('libgtk-3-0t64', '3.24.49-3')];
    const home = `${LIBRARIES}/gtk-3.0/3.0.0`;
    const world = new World(undefined, { packages }).add({ [`${home}/immodules/im-ipa.so`]: '' });
    const program = `${LIBRARIES}/libgtk-3-0t64/gtk-query-immodules-3.0`;
    world.run([program, '--update-cache']);
    const path = [`${home}/linux`, home, `${LIBRARIES}/gtk-3.0/linux`, `${LIBRARIES}/gtk-3.0`];
    expect(world.read(`${home}/immodules.cache`)).toBe(`# GTK+ Input Method Modules file
# Automatically generated file, do not edit
# Created by ${program} from gtk+-3.24.49
#
# ModulesPath = ${path.map((each) => `${each}/immodules`).join(':')}
#
"${home}/immodules/im-ipa.so"${' '}
"ipa" "IPA" "gtk30" "/usr/share/locale" ""${' '}

`);
  });

  const real = readHost(`${LIBRARIES}/gdk-pixbuf-2.0/2.10.0/loaders.cache`);
  it.skipIf(real === undefined)('knows the loaders of this machine (skipped where there are none)', () => {
    const blocks = (real ?? '').matchAll(/^".*\/([^/]+\.so)"\n((?:.+\n)+)/gm);
    const known = [...blocks].map(([, name = '', text = '']) => [name, text.trimEnd()]);
    expect(known.map(([name = '']) => [name, PIXBUF_LOADERS[name]])).toEqual(known);
  });
});
