import { performance } from 'node:perf_hooks';
import { KoalaError } from '../formats/errors.js';
import type { TrustedCertificate } from '../profile/types.js';
import { readText } from '../rootfs/content.js';
import { editTree } from '../rootfs/editor.js';
import type { Tree } from '../rootfs/tree.js';
import type { Owner } from '../rootfs/types.js';
import { commandsFor, isAlwaysThere } from './policy.js';
import { runScript } from './shell/script.js';

const LOCAL = '/usr/local/share/ca-certificates';
const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const PROGRAM = '/usr/sbin/update-ca-certificates';
const BUDGET = { steps: 2_000_000, outputBytes: 16 * 1024 * 1024, memoryBytes: 512 * 1024 * 1024 };
const MAX_SECONDS = 60;

/**
 * Makes programs trust a profile's certificates, as an administrator would: a file for each where update-ca-certificates(8)
 * looks for local ones, and then that command with its hooks, such as the one for Java's keystore. A tree without it, or one that
 * stands on an image without the single certificates, has them added to the bundle that is there.
 *
 * @throws KoalaError `configure` where a hook fails
 */
export function trustCertificates(
  tree: Tree,
  certificates: readonly TrustedCertificate[],
  { owner, epoch, architecture }: { readonly owner: Owner; readonly epoch: number; readonly architecture: string },
): void {
  if (certificates.length === 0) return;
  const editor = editTree(tree, owner, epoch);
  for (const { name, pem } of certificates) editor.writeFile(`${LOCAL}/${name}.crt`, pem);
  if (tree.resolve(PROGRAM) === undefined || tree.resolve('/etc/ca-certificates.conf') === undefined) {
    const present = readText(tree, BUNDLE) ?? '';
    const missing = certificates.map(({ pem }) => pem).filter((pem) => !present.includes(pem));
    editor.writeFile(BUNDLE, present + missing.join(''));
    return;
  }
  const { status, stderr } = runScript(
    {
      tree,
      epoch,
      architecture,
      owner,
      packageName: 'ca-certificates',
      commands: commandsFor('container'),
      alwaysThere: isAlwaysThere,
      budget: { ...BUDGET, deadline: performance.now() + MAX_SECONDS * 1000 },
      report: () => {},
    },
    {
      script: 'update-ca-certificates\n',
      name: 'update-ca-certificates',
      environment: new Map([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']]),
    },
  );
  const complaint = stderr.split('\n').find((line) => line.startsWith('E:'));
  if (status === 0 && complaint === undefined) return;
  throw new KoalaError(
    'configure',
    `cannot trust the profile's certificates: update-ca-certificates says ${complaint ?? stderr}`,
  );
}
