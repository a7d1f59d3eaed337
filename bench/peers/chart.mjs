const ROW = 26;
const LEFT = 330;
const WIDTH = 860;

/** A bar for each run, in one unit, as an SVG of its own. */
export function chart({ title, unit, bars, note }) {
  const most = Math.max(...bars.map(({ value }) => value));
  const scale = (WIDTH - LEFT - 110) / most;
  const rows = bars.map(({ name, value, ours }, at) => {
    const y = 44 + at * ROW;
    const width = Math.max(1, value * scale).toFixed(1);
    return [
      `<text x="${LEFT - 10}" y="${y + 14}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${width}" height="${ROW - 8}" rx="2" fill="${ours ? '#1f7a5c' : '#9aa5b1'}"/>`,
      `<text x="${(LEFT + Number(width) + 8).toFixed(1)}" y="${y + 14}">${value.toFixed(2)} ${unit}</text>`,
    ].join('');
  });
  const height = 44 + bars.length * ROW + 30;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13" fill="#24292f">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="20" y="26" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...rows,
    `<text x="20" y="${height - 10}" font-size="11" fill="#57606a">${escaped(note)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
