import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';

const require = createRequire(import.meta.url);

/** CycloneDX' own package has the schemas of all versions. */
const CYCLONEDX = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');

type Validate = ReturnType<Ajv['compile']>;
const SCHEMAS = { spdx: spdxSchema, cyclonedx: cycloneDxSchema };
const compiled = new Map<keyof typeof SCHEMAS, Validate>();

/** What a document has against the official schema of its format; nothing where it is valid. */
export function schemaErrors(format: keyof typeof SCHEMAS, document: unknown): readonly string[] {
  const validate = compiled.get(format) ?? SCHEMAS[format]();
  compiled.set(format, validate);
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** SPDX 2.3's: schemas/spdx-schema.json of github.com/spdx/spdx-spec, branch support/2.3.1, under CC-BY-3.0. */
function spdxSchema(): Validate {
  return addFormats
    .default(new Ajv2019({ strict: false }))
    .compile(readJson(new URL('spdx-2.3.schema.json', import.meta.url)));
}

function cycloneDxSchema(): Validate {
  // Formats that ajv-formats does not have.
  const formats = { 'idn-email': /^[^@\s]+@[^@\s]+$/, 'iri-reference': /^[^\s<>"{}|\\^`]*$/ };
  const ajv = addFormats.default(new Ajv({ strict: false, formats }));
  for (const name of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json']) {
    ajv.addSchema(readJson(join(CYCLONEDX, name)), `http://cyclonedx.org/schema/${name}`);
  }
  return ajv.compile(readJson(join(CYCLONEDX, 'bom-1.6.SNAPSHOT.schema.json')));
}

function readJson(path: string | URL): object {
  return JSON.parse(readFileSync(path, 'utf8')) as object;
}
