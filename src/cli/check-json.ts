import type { CheckReport } from '../build-types.js';
import type { CheckedFinding } from '../check/check-tree.js';
import { chainOf } from './check-chain.js';

/** A report as `--json` prints it. These fields stay as they are; others may come. */
export function checkJson(report: CheckReport): unknown {
  const { closed, architecture, kernel, counts, findings, unusedAccepts, suggestions } = report;
  const chain = chainOf(report);
  const shown = (finding: CheckedFinding): unknown => {
    const { type, severity, missing, detail, cause, needs, stops, accepted } = finding;
    const names = [...new Set(needs.flatMap((need) => need.package ?? []))];
    const chains = names.flatMap((name) => chain(name, '→') ?? []);
    return {
      type,
      severity,
      missing,
      detail,
      cause,
      needs,
      chains,
      stops,
      accepted,
      suggestions: suggestions.get(finding) ?? [],
    };
  };
  return { closed, architecture, kernel, counts, findings: findings.map(shown), unusedAccepts };
}
