export { resetXmpOrientation } from './orientation';

/** STUBS: types alone, until the real ones come. */
const none = (..._: unknown[]): undefined => undefined;
export const joinedXmp = (packet: Uint8Array, extension: Uint8Array): Uint8Array<ArrayBuffer> | undefined => none(packet, extension);
export const extendedXmpGuid = (packet: Uint8Array): string | undefined => none(packet);
export const withoutExtendedXmp = (packet: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(packet);
/** Without the white space that is left for edits in place: try this first where a packet is too long. */
export const withoutXmpPadding = (packet: Uint8Array): Uint8Array => packet;
export const splitXmp = (packet: Uint8Array, most: number): { packet: Uint8Array<ArrayBuffer>; extension: Uint8Array<ArrayBuffer>; guid: string } | undefined =>
  none(packet, most);
/** Contents of APP1 segments, signature included. */
export const extensionParts = (extension: Uint8Array, guid: string): Uint8Array<ArrayBuffer>[] => (none(extension, guid), []);
/** From contents of APP1 segments, signature included; others are passed over. */
export const joinedExtension = (parts: readonly Uint8Array[], guid: string): Uint8Array<ArrayBuffer> | undefined => none(parts, guid);
export const withoutClaims = (packet: Uint8Array): { packet: Uint8Array; claims: string[] } => ({ packet, claims: [] });
