import { exchangedProfile } from '../icc';
import { encodePng } from '../png/encode';
import { canvasReader } from './canvas-reader';

let answer: Promise<boolean> | undefined;

/** Whether a red pixel whose profile calls it blue is read as red. */
export async function readsNumbers(colorSpaceConversion: ColorSpaceConversion): Promise<boolean> {
  const red = await encodePng({ width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) }, { icc: exchangedProfile() });
  const bitmap = await createImageBitmap(new Blob(red, { type: 'image/png' }), { colorSpaceConversion });
  try {
    const [value] = await canvasReader(bitmap)(0, 0, 1, 1);
    return value > 250;
  } finally {
    bitmap.close();
  }
}

/** Whether this browser decodes pictures without converting their colours when told not to. Found out once. */
export function keepsNumbers(): Promise<boolean> {
  answer ??= readsNumbers('none').catch(() => false);
  return answer;
}
