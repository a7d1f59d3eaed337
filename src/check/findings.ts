import { compareBytes } from '../formats/path.js';
import type { Finding, Need, Severity, Wanted } from './types.js';

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, information: 2 };
const NOTHING: Wanted = { paths: [], libraries: [], packages: [] };

/** Gathers who needs what: one finding for each missing thing, and for how bad it is that it is. */
export class Findings {
  readonly #found = new Map<string, Finding & { readonly needs: Need[] }>();

  add(
    about: Pick<Finding, 'type' | 'severity' | 'missing'> & {
      readonly detail?: string;
      readonly wanted?: Partial<Wanted>;
    },
    need: Need,
  ): void {
    const { type, severity, missing, detail, wanted } = about;
    const key = `${severity} ${type} ${missing} ${detail ?? ''}`;
    const known = this.#found.get(key);
    if (known !== undefined) known.needs.push(need);
    else this.#found.set(key, { type, severity, missing, detail, needs: [need], wanted: { ...NOTHING, ...wanted } });
  }

  /** The worst first, then by type and name. */
  list(): Finding[] {
    return [...this.#found.values()]
      .map((finding) => ({ ...finding, needs: distinct(finding.needs) }))
      .sort((a, b) => {
        return (
          RANK[a.severity] - RANK[b.severity] || compareBytes(a.type, b.type) || compareBytes(a.missing, b.missing)
        );
      });
  }
}

function distinct(needs: readonly Need[]): Need[] {
  const byKey = new Map(needs.map((need) => [`${need.path} ${need.how}`, need]));
  return [...byKey.values()].sort((a, b) => compareBytes(a.path, b.path) || compareBytes(a.how, b.how));
}
