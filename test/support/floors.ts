import { dirname, join, normalize } from 'node:path/posix';
import ts from 'typescript';

/** Names of rooms: folders of src/ by their name and a slash, files by their name. */
type Room = readonly string[];

/**
 * The floors of src/ from bottom to top. The rooms of a floor stand side by side and don't know each other; files named in one
 * list are one room. docs/architecture.md draws them.
 */
export const FLOORS: readonly (readonly Room[])[] = [
  [['check.ts', 'errors.ts', 'abort.ts', 'backend.ts', 'no-backend.ts', 'memory.ts', 'warning.ts', 'plain-error.ts']],
  [['arrays/'], ['threads/'], ['picture.ts']],
  [['kernels/']],
  [['ops/'], ['pixels/'], ['io/']],
  [['layers/'], ['shapes/']],
  [['generators/']],
  [['cra/']],
  [['index.ts']],
  [['train/'], ['browser/'], ['node/']],
  [['cli/']],
];

/** What each file imports from, as its code writes it: for values, for types, to export it again, for its effects, or when it runs. */
export const importsOf = (code: string): string[] => ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName);

/**
 * Finds imports that a house of floors must not have: up, to a room of the same floor, in a circle, or to no file.
 *
 * @param sources the code of the files of src/, by their path from the root
 * @returns a sentence for each, with the file and what it imports; none where all is well
 */
export function breaches(sources: Readonly<Record<string, string>>): string[] {
  const found: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [file, code] of Object.entries(sources)) {
    const from = placeOf(file);
    if (!from) found.push(`${file} stands in no room: FLOORS in test/support/floors.ts does not name it`);
    const targets: string[] = [];
    for (const name of importsOf(code)) {
      if (/^cra-inpaint(\/|$)/.test(name)) found.push(`${file} imports '${name}', which is this package: import the file`);
      if (!name.startsWith('.')) continue;
      const path = normalize(join(dirname(file), name));
      const target = [`${path}.ts`, `${path}/index.ts`].find((candidate) => sources[candidate] !== undefined);
      if (!target) {
        found.push(`${file} imports '${name}': src/ has no such file`);
        continue;
      }
      targets.push(target);
      const to = placeOf(target);
      if (!from || !to) continue;
      if (to.floor > from.floor) found.push(`${file} imports ${target}: up, from floor ${from.floor} to floor ${to.floor}`);
      else if (to.floor === from.floor && to.room !== from.room) found.push(`${file} imports ${target}: sideways, into another room of floor ${to.floor}`);
    }
    graph.set(file, targets);
  }
  return [...found, ...circles(graph)];
}

/** On which floor a file stands, counted from 0, and in which of its rooms. */
function placeOf(file: string): { floor: number; room: number } | undefined {
  const name = file.replace(/^src\/([^/]+\/?).*$/, '$1');
  for (const [floor, rooms] of FLOORS.entries()) {
    const room = rooms.findIndex((names) => names.includes(name));
    if (room >= 0) return { floor, room };
  }
  return undefined;
}

/** Each circle once: the shortest through the first of its files. */
function circles(graph: ReadonlyMap<string, string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  for (const start of [...graph.keys()].sort()) {
    if (done.has(start)) continue;
    const before = new Map<string, string>();
    const queue = [start];
    for (const file of queue) {
      for (const next of graph.get(file) ?? []) {
        if (before.has(next)) continue;
        before.set(next, file);
        queue.push(next);
      }
    }
    if (!before.has(start)) continue;
    const way = [start];
    do way.unshift(before.get(way[0])!);
    while (way[0] !== start);
    for (const file of way) done.add(file);
    found.push(`a circle: ${way.join(' imports ')}`);
  }
  return found;
}
