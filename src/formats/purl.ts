/** What a package URL of Debian's kind says of a package. */
export interface DebPurl {
  /** Who makes the distribution, `ID` of os-release(5): `debian`. */
  readonly vendor: string;
  readonly name: string;
  readonly version: string;
  /** A Debian architecture, `all`, or `source`. */
  readonly architecture: string;
  /** The distribution and its version: `debian-13`. */
  readonly distro?: string | undefined;
  /** The source package, which advisories are about; its version where that is another one. */
  readonly upstream?: { readonly name: string; readonly version: string | undefined } | undefined;
}

/**
 * A package URL: `pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13&upstream=glibc`
 * (package-url/purl-spec, PURL-SPECIFICATION and the type `deb`). Qualifiers are in the order of their names. `upstream` is
 * no qualifier of the specification, but what Syft writes and Grype reads: `NAME` or `NAME@VERSION`.
 */
export function debPurl({ vendor, name, version, architecture, distro, upstream }: DebPurl): string {
  const from = upstream?.version === undefined ? upstream?.name : `${upstream.name}@${upstream.version}`;
  const qualifiers = Object.entries({ arch: architecture, distro, upstream: from })
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${encode(value)}`]))
    .join('&');
  return `pkg:deb/${encode(vendor)}/${encode(name)}@${encode(version)}?${qualifiers}`;
}

/** Letters, digits and `.-_~` stay, and the colon, which the specification says is never encoded. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}
