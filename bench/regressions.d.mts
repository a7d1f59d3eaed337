export type Unit = 'wall' | 'cpu';

export interface FloorRatio {
  readonly name: string;
  readonly unit: Unit;
  readonly ratio: number;
}

interface Results {
  readonly floors: readonly FloorRatio[];
}

export function regressions(
  before: Results,
  now: Results,
  tolerance: Readonly<Record<Unit, number>>,
): { readonly name: string; readonly unit: Unit; readonly before: number; readonly now: number }[];

export function floorsOf(
  figures: ReadonlyMap<string, readonly Readonly<Record<Unit, number>>[]>,
  floor: string,
  units: readonly Unit[],
): FloorRatio[];

export function median(values: readonly number[]): number;
