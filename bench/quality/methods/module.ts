import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Method } from './method';
import { inFolder, output } from './process';

/** What a module that fills holes exports as its default: RGB bytes and a hole (1 = hole) in, RGB bytes out. */
export type FillModule = (
  picture: { width: number; height: number; data: Uint8Array; hole: Uint8Array },
  settings: Record<string, unknown>,
) => Promise<Uint8Array>;

const runner = fileURLToPath(new URL('./run-module.ts', import.meta.url));

/** A method that is a JavaScript or TypeScript module, run in a process of its own. The time is that of its call, without start and files. */
export function moduleMethod(name: string, path: string, allowed: Method['allowed'], settings: Record<string, unknown> = {}): Method {
  return {
    name,
    allowed,
    run: ({ input, hole }) =>
      inFolder(async (folder) => {
        const { width, height } = input;
        await writeFile(join(folder, 'in.rgb'), input.data);
        await writeFile(join(folder, 'hole'), hole.data);
        const { stdout } = await output(process.execPath, [...process.execArgv, runner, path, folder, JSON.stringify({ width, height, settings })]);
        const { seconds, megabytes } = JSON.parse(stdout.trim().split('\n').at(-1) as string);
        return { result: { width, height, data: new Uint8Array(await readFile(join(folder, 'out.rgb'))) }, seconds, megabytes };
      }),
  };
}
