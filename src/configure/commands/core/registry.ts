import type { Command } from '../../shell/types.js';
import { chgrp, chmod, chown, touch } from './attributes.js';
import { cp, install, mv } from './copy.js';
import { ln, mkdir, mktemp, rm, rmdir } from './entries.js';
import { basename, dirname, ls, readlink, realpath, stat } from './names.js';
import { PROGRAMS } from './programs.js';

/** Commands on files and on the system that maintainer scripts call, by name. */
export const CORE_COMMANDS: ReadonlyMap<string, Command> = new Map([
  ...PROGRAMS,
  ...Object.entries({
    basename,
    chgrp,
    chmod,
    chown,
    cp,
    dirname,
    install,
    ln,
    ls,
    mkdir,
    mktemp,
    mv,
    readlink,
    realpath,
    rm,
    rmdir,
    stat,
    touch,
  }),
]);
