import { InpaintError, type Picture, type PictureFormat } from 'cra-inpaint';

/** A file, and the format that it has. */
export interface Encoded {
  blob: Blob;
  format: PictureFormat;
}

/** A file in the format asked for, or as PNG where this browser can't write that. */
export async function encodedBy(write: (format: PictureFormat) => Promise<Blob>, format: PictureFormat): Promise<Encoded> {
  try {
    return { blob: await write(format), format };
  } catch (error) {
    if (!(error instanceof InpaintError) || error.code !== 'format' || format === 'png') throw error;
    return { blob: await write('png'), format: 'png' };
  }
}

/** Colours of a space that canvases don't have: only a file's way through the browser turns the numbers into what is seen. */
export const hasOwnColours = ({ metadata = {} }: Picture): boolean => metadata.colorSpace === undefined && Boolean(metadata.icc ?? metadata.colour);
