import { commands } from 'vitest/browser';
import type { Picture, PictureFormat } from '../../../src/picture';
import type { Warning } from '../../../src/warning';
import type { SentPicture, SharpStep } from '../../setup/browser-commands';

interface NodeCommands {
  encodeBySharp(picture: SentPicture, steps: SharpStep[]): Promise<string>;
  readInNode(file: string, kind: 'picture' | 'mask'): Promise<SentPicture>;
  rewriteInNode(file: string, format: PictureFormat): Promise<{ file: string; warnings: Warning[] }>;
  serveWeights(): Promise<string>;
  weightRequests(): Promise<string[]>;
  closeWeights(): Promise<void>;
}
const node = commands as unknown as NodeCommands;

const received = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

function sent({ buffer, byteOffset, byteLength }: Uint8Array | Uint8ClampedArray | Uint16Array): string {
  let text = '';
  for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The picture's pixels of 8 bits, encoded by sharp in Node. */
export async function bySharp({ width, height, channels, data }: Picture, ...steps: SharpStep[]): Promise<Blob> {
  return new Blob([received(await node.encodeBySharp({ width, height, channels, bits: 8, data: sent(data) }, steps))]);
}

/** The file as `cra-inpaint/node` reads it. */
export async function byNode(file: Blob, kind: 'picture' | 'mask' = 'picture'): Promise<Picture> {
  const { width, height, channels, data, bits, icc, exif, xmp, density, grey } = await node.readInNode(sent(new Uint8Array(await file.arrayBuffer())), kind);
  const pixels = received(data);
  const blocks = { icc: icc ? received(icc) : undefined, exif: exif ? received(exif) : undefined, xmp: xmp ? received(xmp) : undefined };
  return { width, height, channels, data: bits === 16 ? new Uint16Array(pixels.buffer) : pixels, metadata: { ...blocks, density, grey } };
}

/** The file as `cra-inpaint/node` reads it and writes it in a format, and what it warns of. */
export async function rewrittenByNode(file: Blob, format: PictureFormat): Promise<{ file: Blob; warnings: Warning[] }> {
  const written = await node.rewriteInNode(sent(new Uint8Array(await file.arrayBuffer())), format);
  return { ...written, file: new Blob([received(written.file)], { type: `image/${format}` }) };
}

/** A server of MI-GAN's file: its address, the requests since this was asked last, and its end. */
export const weightServer = { start: () => node.serveWeights(), requests: () => node.weightRequests(), close: () => node.closeWeights() };
