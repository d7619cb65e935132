import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';

/** Runs the installed command as npx would. */
function command(project: string, args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(project, 'node_modules/.bin/cra-inpaint'), args, { cwd: project, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

it('cra-inpaint --help explains itself', () => {
  const { status, output } = command(inject('fullProject'), ['--help']);
  expect(output).toMatch(/cra-inpaint/);
  expect(output).toMatch(/--hole/);
  expect(status).toBe(0);
});

it('cra-inpaint without its peers says what to install', () => {
  const { status, output } = command(inject('bareProject'), ['photo.png', 'mask.png', '-o', 'out.png']);
  expect(output).toMatch(/npm install .*(sharp|@tensorflow\/tfjs-backend-wasm)/);
  expect(output).not.toMatch(/\n\s+at /);
  expect(status).not.toBe(0);
});

it('cra-inpaint fills a hole', { timeout: 120_000 }, () => {
  const project = inject('fullProject');
  const draw = `import sharp from 'sharp';
    const flat = (r, g, b) => ({ create: { width: 48, height: 40, channels: 3, background: { r, g, b } } });
    const spot = await sharp(flat(255, 255, 255)).resize(10, 8).png().toBuffer();
    await sharp(flat(60, 120, 200)).composite([{ input: spot, left: 20, top: 16 }]).png().toFile('photo.png');
    await sharp(flat(0, 0, 0)).composite([{ input: spot, left: 20, top: 16 }]).png().toFile('mask.png');`;
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', draw], { cwd: project, encoding: 'utf8' }).stderr).toBe('');
  const { status, output } = command(project, ['photo.png', 'mask.png', '-o', 'out.png']);
  expect(output).not.toMatch(/error/i);
  expect(status).toBe(0);
  const look = `import sharp from 'sharp'; const { data, info } = await sharp('out.png').raw().toBuffer({ resolveWithObject: true });
    const at = (x, y) => Array.from(data.subarray((y * info.width + x) * info.channels, (y * info.width + x) * info.channels + 3));
    console.log(JSON.stringify({ width: info.width, height: info.height, filled: at(25, 20), kept: at(2, 2) }));`;
  const seen = JSON.parse(spawnSync(process.execPath, ['--input-type=module', '-e', look], { cwd: project, encoding: 'utf8' }).stdout);
  expect(seen).toMatchObject({ width: 48, height: 40, kept: [60, 120, 200] });
  for (const [i, colour] of [60, 120, 200].entries()) expect(Math.abs(seen.filled[i] - colour)).toBeLessThanOrEqual(3);
  expect(readFileSync(join(project, 'photo.png')).length).toBeGreaterThan(0);
});
