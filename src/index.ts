/** What programs may use: the commands as functions, and what they take and give. */
export { audit } from './audit.js';
export { build } from './build.js';
export { buildImages } from './build-images.js';
export type {
  AuditOptions,
  AuditReport,
  BuildEvent,
  BuildOptions,
  BuildSummary,
  CheckOptions,
  CheckReport,
  ImageOptions,
  ImageSummary,
  ImagesSummary,
  OutputFormat,
  Planned,
  PlanOptions,
  Step,
} from './build-types.js';
export { check } from './check.js';
export { plan } from './plan.js';
