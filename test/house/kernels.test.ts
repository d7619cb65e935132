import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { importsOf } from '../support/floors';

const ROOM = 'src/kernels';
const all = readdirSync(ROOM, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && path !== 'register.ts');
const codeOf = (path: string) => readFileSync(`${ROOM}/${path}`, 'utf8');
const named = all.filter((path) => !path.includes('/'));
const registering = all.filter((path) => /^register\w+(<.*>)?\(/m.test(codeOf(path)));

it.each(named)('%s names a kernel, imports nothing, and is registered for a backend', (path) => {
  expect(codeOf(path)).toMatch(/^export const [A-Z_]+ = 'Cra\w+';$/m);
  expect(importsOf(codeOf(path))).toEqual([]);
  expect(
    registering.filter((file) => basename(file) === path),
    `a file ${path} in the folder of a backend, which calls registerArrayKernel or registerBackendKernel`,
  ).not.toEqual([]);
});

it.each(registering)('%s registers the kernel whose name it goes by', (path) => {
  expect(path, 'stands in the folder of a backend').toMatch(/^(cpu|wasm|tensorflow|webgpu)\/[\w-]+\.ts$/);
  const naming = `${ROOM}/${basename(path)}`;
  expect(existsSync(naming), `${naming}, which names the kernel, exists`).toBe(true);
  const [, name] = /^export const ([A-Z_]+) = 'Cra/m.exec(codeOf(basename(path))) ?? [];
  expect(name, `what ${naming} exports: a constant in capitals that begins with 'Cra'`).toBeDefined();
  const [, given] = /^register\w+(?:<.*>)?\(\s*(\w+)/m.exec(codeOf(path)) ?? [];
  expect(given, `what ${path} registers is what ${naming} names`).toBe(name);
});

it('nothing else registers kernels', () => {
  const elsewhere = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && /\bregister(Array|Backend)?Kernel\b/.test(readFileSync(`src/${path}`, 'utf8')));
  expect(elsewhere.sort()).toEqual([...registering, 'register.ts'].map((path) => `kernels/${path}`).sort());
});
