import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../../src/cli/backend';
import { run } from '../../src/cli/run';
import { trainCommandOf } from '../../src/cli/train-arguments';
import { hifill } from '../../src/generators/hifill';
import { lama } from '../../src/generators/lama';
import { readPicture } from '../../src/io/node';
import { readWeights } from '../../src/io/weights';
import { toFloat32 } from '../../src/io/weights/weight-file';
import { seeded } from '../support/values';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'train-'));
  for (const [name, count] of [
    ['data', 5],
    ['val', 2],
  ] as const) {
    await mkdir(join(folder, name));
    for (let n = 0; n < count; n++) {
      const pixels = Buffer.from(seeded(n, 40 * 48 * 3).map((v, i) => 128 + 60 * Math.sin(i / 40 + n) + 30 * v));
      await sharp(pixels, { raw: { width: 48, height: 40, channels: 3 } })
        .png()
        .toFile(join(folder, name, `${n}.png`));
    }
  }
  await writeFile(join(folder, 'data', 'broken.jpg'), 'no picture');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function command(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const text = { out: '', err: '' };
  const into = (name: 'out' | 'err') => ({
    write(more: string) {
      text[name] += more;
    },
  });
  const code = await run(['train', ...args], { stdout: into('out'), stderr: into('err') });
  return { code, ...text };
}
const train = (out: string, steps: number, ...more: string[]) =>
  command(
    ...`--data ${folder}/data --val ${folder}/val --model hifill --size 32 --batch 1 --discriminator-steps 1 --val-batches 1 --backend tensorflow --log-every 1`.split(
      ' ',
    ),
    '--out',
    join(folder, out),
    '--steps',
    String(steps),
    ...more,
  );

const hasTensorflow = await startBackend('tensorflow').then(
  () => true,
  () => false,
);

describe('cra-inpaint train', () => {
  it.skipIf(!hasTensorflow)(
    'trains, reports what it could not read, and goes on where it stopped; a generator loads the result (on tensorflow, which others are too slow for)',
    async () => {
      const first = await train('run', 2, '--average', '0.9');
      expect(first.code, first.err).toBe(0);
      expect(first.out).toMatch(/filled by a membrane: L1 in the hole 0\.\d+/);
      expect(first.out).toMatch(/step 2 of 2 {2}.*total/);
      expect((await readdir(join(folder, 'run'))).sort()).toEqual(['last.safetensors', 'log.jsonl', 'pictures', 'tensorboard']);
      const grid = await sharp(join(folder, 'run/pictures/0000002.png')).metadata();
      // Input, hole, coarse, fine, composite, truth of one picture.
      expect([grid.width, grid.height]).toEqual([6 * 32 + 5 * 2, 32]);

      const preview = await command('--data', `${folder}/data`, '--model', 'hifill', '--size', '32', '--batch', '2', '--preview', `${folder}/preview.png`);
      expect(preview.code, preview.err).toBe(0);
      const shown = await readPicture(join(folder, 'preview.png'));
      expect([shown.width, shown.height]).toEqual([3 * 32 + 2 * 2, 2 * 32 + 2]);
      // Where the hole is white the photo is cut out of the input, and nowhere else.
      const at = (x: number, y: number) => [...shown.data.subarray((y * shown.width + x) * 3, (y * shown.width + x) * 3 + 3)];
      let holes = 0;
      for (let y = 0; y < 32; y++) {
        for (let x = 0; x < 32; x++) {
          const isHole = at(34 + x, y)[0] === 255;
          if (isHole) holes++;
          expect(at(68 + x, y)).toEqual(isHole ? [128, 128, 128] : at(x, y));
        }
      }
      expect(holes).toBeGreaterThan(0.05 * 32 * 32);

      const again = await train('run', 2, '--average', '0.9');
      expect(again).toMatchObject({ code: 1, err: expect.stringContaining('file-exists') });
      const otherwise = await train('run', 8, '--resume', '--hole-weight', '6', '--hole-mean', 'hole', '--stage', 'coarse', '--betas', '0.8,0.9');
      expect(otherwise).toMatchObject({ code: 1, err: expect.stringMatching(/checkpoint/) });
      for (const said of [
        'average 0.9, now undefined',
        'betas [0.5,0.9], now [0.8,0.9]',
        'stage "both", now "coarse"',
        'holeWeight undefined, now 6',
        'holeMean undefined, now "hole"',
      ])
        expect(otherwise.err).toContain(said);
      const resumed = await train('run', 8, '--average', '0.9', '--resume', '--json');
      expect(resumed.code, resumed.err).toBe(0);
      const lines = resumed.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.map(({ step }) => step)).toEqual([3, 4, 5, 6, 7, 8, undefined]);
      expect(lines.at(-1)).toEqual({ done: 8 });
      expect((first.err + resumed.err).match(/broken\.jpg is left out/g)).not.toBeNull();
      const log = (await readFile(join(folder, 'run/log.jsonl'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(log.filter(({ total }) => total !== undefined).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(log.filter(({ validation_l1 }) => validation_l1 > 0).map(({ step }) => step)).toEqual([2, 8]);

      const generator = hifill(await readWeights(join(folder, 'run/last.safetensors')));
      expect(generator.parameterCount).toBe(2_722_791);
      generator.dispose();
    },
  );

  it.skipIf(!hasTensorflow)('trains LaMa of as many blocks as it is told, says what is left out, and lama() loads and fills (on tensorflow)', async () => {
    const lamaOf = (blocks: string) => train('lama', 1, '--model', 'lama', '--blocks', blocks, '--resume');
    const first = await lamaOf('1');
    expect(first.code, first.err).toBe(0);
    expect(first.out).toContain('lama is trained without its perceptual loss');
    expect(first.out).toMatch(/step 1 of 1 {2}real .* fake .* penalty .* total .* valid .* adversarial .* features/);
    expect(await lamaOf('2')).toMatchObject({ code: 1, err: expect.stringContaining('blocks 1, now 2') });
    const file = await readWeights(join(folder, 'lama/last.safetensors'));
    // Its running means are no longer what they began as.
    expect(toFloat32(file.tensors.get('enter.local_norm.mean')!).some((v) => v !== 0)).toBe(true);
    const generator = lama(file);
    expect(generator.network.layers.filter(({ name }) => name.startsWith('block'))).toHaveLength(2);
    const { image } = await generator.fill({ image: tf.zeros([16, 16, 3]), hole: tf.ones([16, 16, 1]), seed: 0 });
    expect((await image.data()).every((v) => Math.abs(v) <= 1)).toBe(true);
    tf.dispose(image);
    generator.dispose();
  });

  it('refuses what makes no sense', async () => {
    expect(await command('--model', 'hifill', '--steps', '5', '--out', 'x')).toMatchObject({ code: 2, err: expect.stringContaining('--data is missing') });
    const usual = ['--data', 'a', '--out', 'b', '--steps', '5', '--model'];
    for (const [args, message] of [
      [['migan'], /--model must be one of hifill/],
      [['lama', '--blocks', '0'], /--blocks must be/],
      [['hifill', '--blocks', '9'], /--blocks is for lama/],
      [['hifill', '--steps', '0'], /--steps must be/],
      [['hifill', '--coverage', '0.5'], /--coverage must be two numbers/],
      [['hifill', '--stage', 'fine'], /--stage must be one of both, coarse/],
      [['pix2pix', '--stage', 'coarse'], /--stage coarse is for hifill/],
      [['hifill', '--betas', '0.9'], /--betas must be two numbers below 1/],
      [['hifill', '--betas', '0.9,1'], /--betas must be two numbers below 1/],
      [['hifill', '--average', '1'], /--average must be a number from 0 up to, but not, 1/],
      [['hifill', '--targets', 'c'], /--targets is for pix2pix/],
      [['hifill', '--hole-weight=-1'], /--hole-weight must be a number of at least 0/],
      [['hifill', '--hole-mean', 'mask'], /--hole-mean must be one of picture, hole/],
      [['deepfill-v2', '--hole-mean', 'hole'], /--hole-mean is for hifill/],
      [['pix2pix', '--adversarial-weight', '0'], /--adversarial-weight is for hifill/],
      [['hifill', '--learning-rate', 'fast'], /--learning-rate must be/],
      [['hifill', '--colour', 'x'], /there is no option --colour/],
    ] as const) {
      expect(() => trainCommandOf([...usual, ...args])).toThrow(message);
    }
    expect(await command('--help')).toMatchObject({ code: 0, out: expect.stringContaining('--resume') });
    expect(await train('empty', 1, '--data', join(folder, 'run/pictures/none'))).toMatchObject({ code: 1 });
  });
});
