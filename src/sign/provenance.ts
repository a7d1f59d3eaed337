import { PREDICATE_TYPES, type Statement } from './statement.js';

/** What a build says of itself in SLSA provenance: how these bytes came about, so that others can make them again. */
export interface BuildFacts {
  /** What was made; several where one thing has several digests. */
  readonly subjects: readonly { readonly name: string; readonly sha256: string }[];
  /** What was asked for. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What followed from that and from the archives, and decides on bytes as well. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly materials: readonly Material[];
  /** What else was written, such as an SBOM. */
  readonly byproducts: readonly Material[];
  readonly builder: { readonly id: string; readonly name: string; readonly version: string };
}

/** Something by its digest (in-toto attestation framework, resource_descriptor.md). */
export interface Material {
  readonly name: string;
  readonly uri?: string | undefined;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

/** Its version says what the parameters mean. */
const BUILD_TYPE = 'https://www.npmjs.com/package/koala-bootstrap#build-v1';

/**
 * SLSA provenance (slsa.dev/spec/v1.0/provenance) as an in-toto statement that is not signed yet. It has no times and no
 * number of the run, so that it is the same wherever the same is built.
 */
export function provenanceOf(facts: BuildFacts): Statement {
  const { subjects, parameters, settings, materials, byproducts, builder } = facts;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: PREDICATE_TYPES.provenance,
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: parameters,
        internalParameters: settings,
        resolvedDependencies: materials.map(descriptorOf),
      },
      runDetails: {
        builder: { id: builder.id, version: { [builder.name]: builder.version } },
        ...(byproducts.length === 0 ? {} : { byproducts: byproducts.map(descriptorOf) }),
      },
    },
  };
}

function descriptorOf({ name, uri, sha256, annotations }: Material) {
  return {
    name,
    ...(uri === undefined ? {} : { uri }),
    digest: { sha256 },
    ...(annotations === undefined ? {} : { annotations }),
  };
}
