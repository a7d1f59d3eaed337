/**
 * What became worse. Machines differ and so do their hours: only ratios are compared, each to the floor that was measured in the
 * same run, never seconds. A floor that is missing, or a run that one of both does not have, tells nothing.
 *
 * @param before results as `bench/results/peers.json` has them: `floors` of `{ name, unit, ratio }`
 * @param now the same, of this run
 * @param tolerance by unit: 0.25 lets a ratio grow by a quarter
 * @returns `{ name, unit, before, now }` of what grew by more, the worst first
 */
export function regressions(before, now, tolerance) {
  return now.floors
    .flatMap(({ name, unit, ratio }) => {
      const old = before.floors.find((one) => one.name === name && one.unit === unit);
      return old === undefined ? [] : [{ name, unit, before: old.ratio, now: ratio }];
    })
    .filter((one) => one.now > one.before * (1 + tolerance[one.unit]))
    .sort((a, b) => b.now / b.before - a.now / a.before);
}

/**
 * What each run took of the floor's time, by rounds: median of the ratios of a round.
 *
 * @param figures by name, a list of `{ wall, cpu }` in the order of the rounds
 * @param units those that were measured
 */
export function floorsOf(figures, floor, units) {
  const reference = figures.get(floor);
  if (reference === undefined) return [];
  return [...figures]
    .filter(([name]) => name !== floor)
    .flatMap(([name, list]) =>
      units.map((unit) => ({ name, unit, ratio: median(list.map((one, at) => one[unit] / reference[at][unit])) })),
    );
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
