import type { ImageSummary, ImagesSummary } from '../build-types.js';
import { archiveRows, formatRows, LABEL_COLUMNS, type Row, sbomRows } from './summary.js';
import { clip, counted, formatBytes, type Look, printable, wrap } from './text.js';

const DIGEST_COLUMNS = 'sha256:'.length + 12;

/**
 * The table at the end of a build of images: for each architecture what is in it and its layers, then the output.
 *
 * @param columns the width to keep to
 */
export function formatImages(
  { images, output, digest, reference }: ImagesSummary,
  look: Look,
  columns: number,
): string {
  const width = columns - LABEL_COLUMNS;
  const [first] = images;
  if (first === undefined) return '';
  const warnings = [...new Set(images.flatMap((image) => image.warnings))];
  const seconds = images.reduce((sum, image) => sum + image.seconds.total, 0);
  const rows: Row[] = [
    ['profile', wrap(`${first.profile}, ${first.suite}`, width)],
    ...images.map((image): Row => [image.architecture, imageLines(image, images.length > 1, look, width)]),
    ['size', [formatBytes(output.bytes)]],
    ['output', [output.path === '-' ? 'standard output' : printable(output.path, look)]],
    ...sbomRows(
      images.flatMap(({ sboms }) => sboms),
      look,
    ),
    ['name', [printable(reference, look)]],
    ['digest', [digest]],
    ...archiveRows(first.archives, first.unread, width),
    ['date', [new Date(Math.max(...images.map(({ epoch }) => epoch)) * 1000).toISOString().replace('.000', '')]],
    ['seconds', [seconds.toFixed(1)]],
    ...warnings.map((text): Row => ['warning', wrap(printable(text, look), width)]),
  ];
  return formatRows(rows, look);
}

function imageLines({ packages, layers, entries, digest }: ImageSummary, isOneOf: boolean, look: Look, width: number) {
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  const counts = [counted(packages.length, 'package'), counted(entries, 'entry'), counted(layers.length, 'layer')];
  const sizes = layers.map((layer) => formatBytes(layer.size));
  const sizeWidth = Math.max(0, ...sizes.map(({ length }) => length));
  const nameWidth = width - DIGEST_COLUMNS - sizeWidth - 4;
  return [
    ...wrap(`${counts.join(', ')}, ${formatBytes(size)}`, width),
    ...(isOneOf ? [digest] : []),
    ...layers.map((layer, at) => {
      const name = clip(printable(layer.name, look), Math.max(1, nameWidth), look);
      return `${layer.digest.slice(0, DIGEST_COLUMNS)}  ${(sizes[at] ?? '').padStart(sizeWidth)}  ${name}`;
    }),
  ];
}
