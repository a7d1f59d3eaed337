import type { AuditOptions, AuditReport } from './build-types.js';
import { withConfiguredTree } from './configured-tree.js';

/**
 * Accounts for each maintainer script of a profile's packages: makes the tree in memory, up to configuring, and writes no
 * output.
 *
 * @throws KoalaError with a message for the user
 */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  return withConfiguredTree(options, async ({ scripts, chosen, epoch }) => ({ scripts, chosen, epoch }));
}
