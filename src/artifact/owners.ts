import type { Owner } from '../rootfs/types.js';

/** Who brought what an artifact has, which does not say. */
export const UNKNOWN: Owner = { type: 'effect', name: 'artifact', package: undefined };
/** Of directories that no entry is of, and that are there because something lies in them. */
export const IMPLIED: Owner = { type: 'effect', name: 'implied', package: undefined };
