import { programFile } from '../formats/program.js';

/** Where the machine's apt sources and our own keyrings are. */
export const PLACES = {
  aptRoot: '/',
  bundledKeyrings: programFile('profiles/keyrings'),
};
