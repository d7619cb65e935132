/** STUBS: types alone, until the real ones come. Resources are '8BIM' blocks without 'Photoshop 3.0\0' in front. */
export const withoutThumbnails = (resources: Uint8Array): { resources: Uint8Array; dropped: string[] } => ({ resources, dropped: [] });
export const iptcOf = (_resources: Uint8Array): Uint8Array | undefined => undefined;
export const resourcesOf = (iptc: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(iptc);
/** The text of a PNG chunk 'Raw profile type NAME'. */
export const rawProfile = (_name: string, _bytes: Uint8Array): string => '';
export const fromRawProfile = (_text: string): { name: string; bytes: Uint8Array<ArrayBuffer> } | undefined => undefined;
