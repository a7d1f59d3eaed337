/** A URL for messages: `http://user:***@host/…`. Every message and note of this room shows URLs through it. */
export function maskUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/:@]*):[^/]*@/i, '$1:***@');
}

/**
 * The URL of a path below a base. Archives write paths as plain names, so what a URL reserves (`%`, `#`, `?`, blanks) is
 * escaped; the rest, `+`, `:` and `~` among it, stays as apt asks for it.
 */
export function joinUrl(base: string, path: string): string {
  const escaped = path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/gu, encodeURIComponent);
  return `${base.replace(/\/+$/, '')}/${escaped.replace(/^(?:\.?\/)+/, '')}`;
}
