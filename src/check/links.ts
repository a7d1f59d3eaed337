import type { Tree } from '../rootfs/tree.js';
import type { Findings } from './findings.js';
import { destinationOf } from './lookup.js';
import type { Need, Scan } from './types.js';

/** What the kernel or the system makes while it runs (hier(7), file-hierarchy(7)). */
const AT_RUN_TIME = /^\/(?:proc|sys|dev|run|tmp|var\/run|var\/lock|var\/tmp)(?:\/|$)/;
/** Nothing starts or opens what is there to be read. */
const TO_BE_READ =
  /^\/usr\/share\/(?:doc|man|info|locale|help|gtk-doc|doc-base)\/|\/man\/(?:[\w.@-]+\/)?man[0-9][a-z]*\/[^/]+$/;

/** Configuration and state, which need not be there: who opens such a link finds the same as if it were not there either. */
const OPTIONAL = /^\/(?:etc|var)\/(?!alternatives\/)/;

/** Symbolic links that lead nowhere, sonames of libraries among them. */
export function checkLinks(
  tree: Tree,
  { links }: Scan,
  findings: Findings,
  needOf: (path: string, how: string) => Need,
): void {
  for (const { path, target } of links) {
    const found = destinationOf(tree, path);
    if (found.type === 'found') continue;
    if (found.type === 'loop') {
      findings.add(
        { type: 'link', severity: 'error', missing: path, detail: 'it leads around in a circle' },
        needOf(path, `→ ${target}`),
      );
      continue;
    }
    if (AT_RUN_TIME.test(found.path)) continue;
    const harmless = TO_BE_READ.test(path) || TO_BE_READ.test(found.path);
    const name = found.path.slice(found.path.lastIndexOf('/') + 1);
    findings.add(
      {
        type: 'link',
        severity: harmless ? 'information' : OPTIONAL.test(path) && OPTIONAL.test(found.path) ? 'warning' : 'error',
        missing: found.path,
        wanted: { paths: [found.path], libraries: name.includes('.so.') ? [name] : [] },
      },
      needOf(path, `→ ${target}`),
    );
  }
}
