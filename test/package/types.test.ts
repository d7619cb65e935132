import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

const consumer = `
import { InpaintError, type InpaintOptions, type Picture } from 'cra-inpaint';
import type { FillRequest, Generator } from 'cra-inpaint/generators';
import * as node from 'cra-inpaint/node';
import { growMask } from 'cra-inpaint/ops';
import type { Tensor3D } from '@tensorflow/tfjs-core';

const generator: Generator = { name: 'mine', multiple: 8, fill: async ({ image }: FillRequest) => ({ image }) };
export const options: InpaintOptions = { generator, hole: 'black', grow: 'auto' };
export const grown = (hole: Tensor3D): Tensor3D => growMask(hole, 2);
export const code = (error: InpaintError): string => error.code;
export const pixels = (picture: Picture): number => picture.width * picture.height;
export const names = Object.keys(node);
// @ts-expect-error: a word that is no hole colour
export const wrong: InpaintOptions = { hole: 'pink' };
`;

it.each([
  ['node16, ESM', 'consumer.mts', ['--module', 'node16', '--moduleResolution', 'node16']],
  ['node16, CommonJS', 'consumer.cts', ['--module', 'node16', '--moduleResolution', 'node16']],
  ['bundler', 'consumer-bundled.ts', ['--module', 'esnext', '--moduleResolution', 'bundler']],
])('types compile under %s', (_, file, flags) => {
  writeFileSync(join(inject('fullProject'), file), consumer);
  // skipLibCheck: the declarations of tfjs-core 4.22 name a type that they don't import.
  const { stdout, status } = spawnSync(process.execPath, [tsc, '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', ...flags, file], {
    cwd: inject('fullProject'),
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
