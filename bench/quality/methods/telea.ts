import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Method } from './method';
import { output, runOnFiles } from './process';

const venv = 'node_modules/.cache/quality/venv';
const script = `
import sys, cv2
folder = sys.argv[1]
out = cv2.inpaint(cv2.imread(folder + '/in.png'), cv2.imread(folder + '/mask.png', 0), 5, cv2.INPAINT_TELEA)
cv2.imwrite(folder + '/out.png', out)
`;

/** OpenCV's cv2.inpaint by Telea's method with radius 5, in a Python environment of its own. */
export const telea: Method = {
  name: 'telea',
  version: 'radius-5',
  allowed: () => 0,
  async run(which) {
    const python = join(venv, 'bin/python');
    if (!existsSync(join(venv, 'ready'))) {
      await output('python3', ['-m', 'venv', venv]);
      await output(python, ['-m', 'pip', 'install', '--quiet', '--retries', '1', 'opencv-python-headless']);
      await output('touch', [join(venv, 'ready')]);
    }
    return runOnFiles(which, (folder) => [python, '-c', script, folder]);
  },
};
