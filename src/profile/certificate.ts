import { X509Certificate } from 'node:crypto';
import { pemCertificates } from '../formats/x509.js';

/**
 * The certificate of a text that holds just one, as PEM (RFC 7468) without whatever else is in the text.
 *
 * @throws Error where it does not
 */
export function singleCertificate(text: string): string {
  const [certificate, ...more] = pemCertificates(text);
  if (certificate === undefined) throw new Error('there is none');
  if (more.length > 0) throw new Error(`there are ${more.length + 1}`);
  return new X509Certificate(certificate).toString();
}
