// Prunes all that it may of a cache directory, again and again, until it is told to stop; then says how much went.
import { prune } from '../../dist/cache/prune.js';

const [, , cacheDir] = process.argv;
const everything = {
  kinds: [],
  maxSize: undefined,
  downTo: undefined,
  usedBefore: undefined,
  all: true,
  dryRun: false,
};
let removed = 0;
const step = () => {
  removed += prune(cacheDir, everything).removed.length;
  timer = setImmediate(step);
};
let timer = setImmediate(step);
process.on('message', () => {
  clearImmediate(timer);
  process.send(removed, () => process.disconnect());
});
process.send('ready');
