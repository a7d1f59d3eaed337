/** DER of just as much of a certificate as `subjectHash` reads, with each type of string in its subject. */
export function makeCertificates(): Buffer[] {
  const element = (tag: number, ...parts: readonly Buffer[]): Buffer => {
    const content = Buffer.concat(parts);
    const length =
      content.length < 128 ? Buffer.of(content.length) : Buffer.of(0x82, content.length >> 8, content.length & 255);
    return Buffer.concat([Buffer.of(tag), length, content]);
  };
  const empty = element(0x30);
  return [12, 19, 20, 22, 26, 28, 30].map((tag) => {
    const value =
      tag === 28
        ? Buffer.from('0000004100000062', 'hex')
        : tag === 30
          ? Buffer.from('00410062', 'hex')
          : Buffer.from(' A  b ');
    const name = element(0x30, element(0x31, element(0x30, element(6, Buffer.of(0x55, 4, 3)), element(tag, value))));
    const body = element(
      0x30,
      element(0xa0, element(2, Buffer.of(2))),
      element(2, Buffer.of(1)),
      empty,
      empty,
      empty,
      name,
      empty,
    );
    return element(0x30, body, empty, element(3, Buffer.of(0)));
  });
}
