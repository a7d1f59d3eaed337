import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** A name is looked up once, not for each connection: resolvers drop queries when dozens come at a time. */
export function memoisedLookup() {
  const known = new Map<string, Promise<LookupAddress[]>>();
  const resolveAll = (name: string, options: LookupOptions): Promise<LookupAddress[]> =>
    new Promise((resolve, reject) => {
      lookup(name, { ...options, all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
    });
  return (name: string, options: LookupOptions, callback: LookupCallback): void => {
    const key = `${name} ${options.family ?? 0}`;
    const addresses = known.get(key) ?? resolveAll(name, options);
    known.set(key, addresses);
    addresses.then(
      (all) => {
        const first = all[0];
        if (options.all === true || first === undefined) callback(null, all);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => {
        known.delete(key);
        callback(error, []);
      },
    );
  };
}
