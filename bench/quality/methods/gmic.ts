import { join } from 'node:path';
import type { Method } from './method';
import { runOnFiles } from './process';

/** G'MIC's inpaint_matchpatch with its defaults: scales from the picture, patches of 9, 10 iterations, blending over 5 px. */
export const gmic: Method = {
  name: 'gmic',
  version: 'defaults, rounded',
  // It blends outwards: this is what it is seen to change, not a promise of its authors.
  allowed: () => 16,
  run: (which) =>
    runOnFiles(which, (folder) => [
      'gmic',
      '-v',
      '-1',
      'srand',
      '0',
      join(folder, 'in.png'),
      join(folder, 'mask.png'),
      'inpaint_matchpatch[0]',
      '[1]',
      'round[0]',
      'cut[0]',
      '0,255',
      'output[0]',
      join(folder, 'out.png'),
    ]),
};
