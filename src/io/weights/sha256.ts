import { WeightsError } from '../../errors';

/** Whether SHA-256 can be worked out here: a browser offers it to pages that came by https or from localhost alone. */
export const canHash = (): boolean => typeof crypto !== 'undefined' && crypto.subtle !== undefined;

/** @throws WeightsError (`weights-fetch`) where SHA-256 can't be worked out */
export function requireHash(): void {
  if (!canHash()) throw new WeightsError('weights-fetch', 'SHA-256 needs a secure context: a page by https, or from localhost', { expected: 'crypto.subtle' });
}

/** SHA-256 in lower-case hexadecimal. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  requireHash();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
