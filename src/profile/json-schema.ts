import * as z from 'zod';
import { jsonText } from '../formats/json-text.js';
import { profileSchema } from './schema.js';

/** The JSON Schema of a profile (draft 7, which is what YAML editors read), made from the schema that validates. */
export function profileJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(profileSchema, { target: 'draft-7', io: 'input' });
  return { $schema, title: 'koala-bootstrap profile', ...rest };
}

/** The text of `profile.schema.json`: the same bytes for the same schema. */
export function profileJsonSchemaText(): string {
  return jsonText(profileJsonSchema());
}
