/**
 * The names that Debian's rule gives to the package of a shared library (Policy 8.1): the soname without `.so.`, a hyphen between two
 * digits; with the endings of the transitions that renamed libraries. Which of them there is, an index says.
 */
export function packagesOfSoname(soname: string): string[] {
  const [, stem = soname, version = ''] = /^(.*)\.so(?:\.(.*))?$/.exec(soname) ?? [];
  const joined = /[0-9]$/.test(stem) && version !== '' ? `${stem}-${version}` : `${stem}${version}`;
  const name = joined.toLowerCase().replaceAll('_', '-');
  return [name, `${name}t64`, `${name}g`, `${name}v5`, name.replace(/^lib/, '')].filter(
    (one, at, all) => all.indexOf(one) === at,
  );
}
