import type { Picture } from '../picture';

/** Colours that were stored multiplied by their alpha, as they were before. In place; what is wholly transparent stays. */
export function unpremultiply(data: Picture['data'], channels: number): void {
  const full = data instanceof Uint16Array ? 65535 : 255;
  for (let alpha = channels - 1; alpha < data.length; alpha += channels) {
    const share = data[alpha];
    if (share === 0 || share === full) continue;
    for (let i = alpha - channels + 1; i < alpha; i++) data[i] = Math.min(full, Math.round((data[i] * full) / share));
  }
}
