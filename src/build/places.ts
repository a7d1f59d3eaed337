import { fileURLToPath } from 'node:url';

/** Where the machine's apt sources and our own keyrings are. */
export const PLACES = {
  aptRoot: '/',
  bundledKeyrings: fileURLToPath(new URL('../../profiles/keyrings', import.meta.url)),
};
