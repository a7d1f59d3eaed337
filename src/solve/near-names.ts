import leven from 'leven';

const MOST = 3;

/** Names that somebody may have meant by one that does not exist, the likeliest first: at most three. */
export function nearNames(name: string, names: Iterable<string>): string[] {
  const maxDistance = Math.min(3, Math.ceil(name.length / 3));
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const other of names) {
    const distance = leven(name, other, { maxDistance: maxDistance + 1 });
    if (distance <= maxDistance) near.push({ name: other, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.slice(0, MOST).map((one) => one.name);
}
