import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findDefects } from '../../src/cra/find-defects';
import { readMask, readPicture } from '../../src/io/node';
import { pipeline, temporaryFolder } from '../io/support';
import { command } from './command';

const root = temporaryFolder();
const scan = join(root, 'scan.png');
const [W, H] = [300, 200];
beforeAll(async () => {
  const specks = [40, 90, 150, 260];
  const data = Uint8Array.from({ length: W * H * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % W, Math.floor(i / 3 / W)];
    return specks.some((at) => Math.hypot(x - at, y - at / 2 - 20) < 2.5) ? 250 : 90 + x / 10;
  });
  writeFileSync(scan, await pipeline({ width: W, height: H, channels: 3, data }).png().toBuffer());
});

describe('cra-inpaint defects', () => {
  it('writes the mask that findDefects() gives, and says how much there is: 0', async () => {
    const out = join(root, 'dust.png');
    const { code, stdout, stderr } = await command(['defects', scan, '-o', out]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/scan\.png -> .*dust\.png {2}4 places, 0\.1\d\d % of the photo\n$/);
    const wanted = await findDefects(await readPicture(scan));
    expect(Buffer.from((await readMask(out)).data).equals(Buffer.from(wanted.data))).toBe(true);
  });

  it('goes by its options', async () => {
    const out = join(root, 'none.png');
    for (const more of [
      ['--kind', 'scratches'],
      ['--contrast', '200'],
      ['--size', '3'],
    ]) {
      const { code, stdout } = await command(['defects', scan, '-o', out, ...more]);
      expect([code, stdout]).toEqual([0, expect.stringContaining('0 places, 0.000 %')]);
    }
    expect((await command(['defects', '--help'])).stdout).toMatch(/--kind KIND/);
  });

  it.each([
    [[], /expected one photo, got 0/],
    [['a.png', 'b.png', '-o', 'c.png'], /expected one photo, got 2/],
    [['a.png'], /--output is missing/],
    [['a.png', '-o', 'c.png', '--kind', 'hairs'], /--kind must be one of dust, scratches; got hairs/],
    [['a.png', '-o', 'c.png', '--size', '2'], /--size must be a number from 3 to 64; got 2/],
    [['a.png', '-o', 'c.png', '--sizes', '2'], /there is no option --sizes/],
  ])('%j is wrong usage: 2', async (args, message) => {
    const { code, stderr } = await command(['defects', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('what can not be read is said in a line, and nothing is written: 1', async () => {
    const out = join(root, 'not.png');
    const { code, stderr } = await command(['defects', join(root, 'missing.png'), '-o', out]);
    expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toMatch(/file-read/);
    expect(existsSync(out)).toBe(false);
  });
});
