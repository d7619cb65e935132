// A process that runs short of memory at one point: short-of-memory.ts WHAT PHOTO MASK. Prints what comes of it as JSON.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { inpaint } from '../../src/cra/inpaint';
import type { Progress } from '../../src/cra/options';
import type { InpaintError } from '../../src/errors';
import { exemplar } from '../../src/generators/exemplar';
import { encodePicture, fitMask, readMask, readPicture } from '../../src/io/node';
import { readWeights } from '../../src/io/weights';
import type { Picture } from '../../src/picture';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** From now on the process gets this many megabytes more, and no others. A limit from the start would be guessed: what Node takes differs. */
function limit(megabytes: number): void {
  // What is garbage already would be room that nobody has counted.
  collectGarbage();
  const kilobytes = Number(/^VmData:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  execFileSync('prlimit', ['--pid', String(process.pid), `--data=${1024 * (kilobytes + 1024 * megabytes)}:`]);
}

const [what, photoPath, maskPath] = process.argv.slice(2);
const [width, height] = [8000, 6000];
const filled = (channels: 1 | 3 | 4): Picture => ({ width, height, channels, data: new Uint8Array(width * height * channels).fill(100) });
const hole = (): Picture => {
  const mask = filled(1);
  mask.data.fill(0);
  for (let y = 750; y < 5250; y++) mask.data.fill(255, y * width + 1000, y * width + 7000);
  return mask;
};
const hasty = exemplar({ starts: 1, rounds: 1, coarseRounds: 1 });
const small = { width: 40, height: 30, channels: 3 as const, data: new Uint8Array(3600).fill(9) };

// Whatever is loaded on first use is loaded by now.
await tf.setBackend('cpu');
await readPicture(await encodePicture(small, { format: 'jpeg' }));

const cases: Record<string, () => Promise<unknown>> = {
  photo: () => {
    limit(64);
    return readPicture(photoPath);
  },
  mask: () => {
    limit(64);
    return readMask(maskPath);
  },
  'fitted mask': async () => {
    limit(64);
    return fitMask({ width: 4, height: 3, channels: 1, data: new Uint8Array(12) }, 12000, 12000);
  },
  'beginning of inpaint': () => {
    // Room for the weights, 48 MB, and for the plan; none for the copy of the photo, 144 MB.
    const [photo, mask] = [filled(3), hole()];
    limit(112);
    return inpaint(photo, mask, { generator: hasty });
  },
  'middle of inpaint': () => {
    // Copies are aligned in arrays of some 190 MB: far more than there is, which is far more than what else is needed.
    const onProgress = ({ stage, done, total }: Progress) => stage === 'fill' && done === total && limit(64);
    return inpaint(filled(3), hole(), { generator: hasty, workingSize: 128, onProgress });
  },
  weights: () => {
    limit(64);
    return readWeights(photoPath);
  },
};
for (const format of ['jpeg', 'png', 'webp', 'tiff', 'avif'] as const) {
  cases[format] = () => {
    const picture = filled(4);
    for (let i = 0, x = 1; i < picture.data.length; i++) {
      x = (Math.imul(x, 1103515245) + 12345) >>> 0;
      picture.data[i] = x >>> 24;
    }
    limit(64);
    return encodePicture(picture, { format });
  };
}

try {
  await cases[what]();
  console.log(JSON.stringify({ code: 'none' }));
} catch (error) {
  const { name, code, message } = error as InpaintError;
  console.log(JSON.stringify({ name, code, message }));
}
