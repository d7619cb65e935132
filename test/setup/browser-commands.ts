import sharp from 'sharp';
import type { BrowserCommand } from 'vitest/node';
import { encodePicture, readMask, readPicture } from '../../src/io/node';
import type { Picture, PictureFormat } from '../../src/picture';
import type { Warning } from '../../src/warning';
import { weightServer } from '../support/weight-server';

/** A picture on its way between the browser and Node: its pixels and blocks as base64. */
export interface SentPicture extends Omit<Picture, 'data' | 'metadata'> {
  data: string;
  bits: 8 | 16;
  icc?: string;
  exif?: string;
  xmp?: string;
  density?: number;
  grey?: boolean;
}

/** A step of a sharp pipeline: the method's name and its arguments. */
export type SharpStep = [name: string, ...args: unknown[]];

const sent = (bytes: Uint8Array | Uint8ClampedArray | Uint16Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** Encodes pixels by sharp. Returns the file. */
const encodeBySharp: BrowserCommand<[SentPicture, SharpStep[]]> = async (_, { width, height, channels, data }, steps) => {
  let pipeline = sharp(Buffer.from(data, 'base64'), { raw: { width, height, channels } });
  if (channels < 3) pipeline = pipeline.toColourspace('b-w');
  for (const [name, ...args] of steps) pipeline = (pipeline as unknown as Record<string, (...args: unknown[]) => typeof pipeline>)[name](...args);
  return sent(await pipeline.toBuffer());
};

/** Reads a file as `cra-inpaint/node` does. */
const readInNode: BrowserCommand<[string, 'picture' | 'mask']> = async (_, file, kind): Promise<SentPicture> => {
  const { width, height, channels, data, metadata = {} } = await (kind === 'mask' ? readMask : readPicture)(Buffer.from(file, 'base64'));
  const { icc, exif, xmp, density, grey } = metadata;
  return {
    width,
    height,
    channels,
    data: sent(data),
    bits: data instanceof Uint16Array ? 16 : 8,
    icc: icc && sent(icc),
    exif: exif && sent(exif),
    xmp: xmp && sent(xmp),
    density,
    grey,
  };
};

/** Reads a file and writes what was read in a format, as `cra-inpaint/node` does. Returns the file, and what was warned of on the way. */
const rewriteInNode: BrowserCommand<[string, PictureFormat]> = async (_, file, format): Promise<{ file: string; warnings: Warning[] }> => {
  const warnings: Warning[] = [];
  const onWarning = (warning: Warning) => warnings.push(warning);
  const picture = await readPicture(Buffer.from(file, 'base64'), { onWarning });
  return { file: sent(await encodePicture(picture, { format, onWarning })), warnings };
};

let weights: Awaited<ReturnType<typeof weightServer>> | undefined;

/** Serves MI-GAN's file in each way in which it can come. Returns the address. */
const serveWeights: BrowserCommand<[]> = async () => {
  weights ??= await weightServer();
  return weights.address;
};

/** The requests for weights since this was asked last. */
const weightRequests: BrowserCommand<[]> = async () => weights!.requests.splice(0);

/** Ends serving weights. */
const closeWeights: BrowserCommand<[]> = async () => {
  await weights?.close();
  weights = undefined;
};

/** What tests in a browser can have done in Node. */
export const commands = { encodeBySharp, readInNode, rewriteInNode, serveWeights, weightRequests, closeWeights };
