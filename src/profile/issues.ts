import type * as z from 'zod';
import type { Problem, ProfileDocument, ValuePath } from './document.js';
import { profileJsonSchema } from './json-schema.js';
import { didYouMean } from './nearest.js';

type Issue = z.core.$ZodIssue;

/** Says in a profile author's words what the schema found. */
export function problemsOf(issues: readonly Issue[], document: ProfileDocument): Problem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, document));
}

function problemsOfIssue(issue: Issue, document: ProfileDocument): Problem[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = fieldNames(path, document.value);
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `is not a field of a profile here${didYouMean(key, known)}`,
      }));
    }
    case 'invalid_type':
      if (!document.has(path)) return [{ path, message: 'is missing' }];
      // Numbers here are ids; the schema's own message knows their range.
      if (issue.expected === 'int' || issue.expected === 'number') return [{ path, message: issue.message }];
      return [{ path, message: `must be ${nounOf(issue.expected)}, not ${describe(valueAt(document.value, path))}` }];
    case 'invalid_value':
      return [{ path, message: oneOf(issue.values.map(String), path, document) }];
    case 'invalid_union':
      if (!('options' in issue)) return [{ path, message: issue.message }];
      return [{ path, message: oneOf((issue.options ?? []).map(String), path, document) }];
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    default:
      return [{ path, message: issue.message }];
  }
}

function oneOf(allowed: readonly string[], path: ValuePath, document: ProfileDocument): string {
  const list = allowed.join(', ');
  if (!document.has(path)) return `is missing: one of ${list}`;
  const value = valueAt(document.value, path);
  return `must be one of ${list}, not ${describe(value)}${typeof value === 'string' ? didYouMean(value, allowed) : ''}`;
}

function nounOf(expected: string): string {
  const nouns: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
    boolean: 'true or false',
    string: 'text',
  };
  return nouns[expected] ?? `a ${expected}`;
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  return `the ${typeof value} ${String(value)} (quote it to make it text)`;
}

function valueAt(value: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>((current, step) => (current as Record<PropertyKey, unknown> | undefined)?.[step], value);
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
}

/** The fields that the mapping at a path may have. */
function fieldNames(path: ValuePath, value: unknown): string[] {
  let node = profileJsonSchema() as SchemaNode | undefined;
  let current = value;
  for (const step of path) {
    node = typeof step === 'number' ? node?.items : node?.properties?.[String(step)];
    current = (current as Record<PropertyKey, unknown>)[step];
    const { type } = current as { type?: unknown };
    node = node?.oneOf?.find(({ properties }) => allows(properties?.['type'], type)) ?? node;
  }
  return Object.keys(node?.properties ?? {});
}

function allows(node: SchemaNode | undefined, value: unknown): boolean {
  return node?.const === value || (node?.enum?.includes(value) ?? false);
}
