import type { Command } from '../shell/types.js';
import { awk } from './awk/awk.js';
import { sed } from './sed/sed.js';
import { cat } from './text/cat.js';
import { cmp, diff } from './text/compare.js';
import { nl, uniq, wc } from './text/counting.js';
import { cut, paste } from './text/cut.js';
import { echo, printf } from './text/echo-printf.js';
import { base64, od } from './text/encode.js';
import { egrep, fgrep, grep } from './text/grep.js';
import { head, tail } from './text/head-tail.js';
import { comm, expand, fold, rev, tac } from './text/lines.js';
import { sort } from './text/sort.js';
import { tee } from './text/tee.js';
import { tr } from './text/tr.js';

/** The general commands that maintainer scripts call, by name. */
export const GENERAL_COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    awk,
    base64,
    cat,
    cmp,
    comm,
    cut,
    diff,
    echo,
    egrep,
    expand,
    fgrep,
    fold,
    gawk: awk,
    grep,
    head,
    mawk: awk,
    nawk: awk,
    nl,
    od,
    paste,
    printf,
    rev,
    sed,
    sort,
    tac,
    tail,
    tee,
    tr,
    uniq,
    wc,
  }),
);
