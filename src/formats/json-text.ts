/** A value as JSON for people and programs alike: fields in their order, two blanks a level, and a last line that ends. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
