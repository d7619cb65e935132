import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { breaches, FLOORS, importsOf } from '../support/floors';

const sources = Object.fromEntries(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [`src/${path.replaceAll('\\', '/')}`, readFileSync(`src/${path}`, 'utf8')]),
);

describe('src/', () => {
  it('has no import that goes up, sideways, in a circle or nowhere', () => {
    expect(Object.keys(sources).length).toBeGreaterThan(250);
    expect(breaches(sources)).toEqual([]);
  });

  it('has a file for each room', () => {
    for (const name of FLOORS.flat(2)) expect(Object.keys(sources).some((file) => file.startsWith(`src/${name}`))).toBe(true);
  });

  it.each([
    ['up', 'src/ops/gate.ts', "import { inpaint } from '../cra/inpaint';", 'src/ops/gate.ts imports src/cra/inpaint.ts: up, from floor 3 to floor 6'],
    ['from the ground', 'src/errors.ts', "import type { Picture } from './picture';", 'src/errors.ts imports src/picture.ts: up, from floor 0 to floor 1'],
    ['sideways', 'src/io/crc.ts', "import '../ops/gate';", 'src/io/crc.ts imports src/ops/gate.ts: sideways, into another room of floor 3'],
    ['nowhere', 'src/io/crc.ts', "import '../ops';\nimport './nothing';", "src/io/crc.ts imports './nothing': src/ has no such file"],
    ['to itself', 'src/io/crc.ts', "import 'cra-inpaint/ops';", "src/io/crc.ts imports 'cra-inpaint/ops', which is this package: import the file"],
  ])('would not stay so with one that goes %s', (_, file, line, message) => {
    expect(breaches({ ...sources, [file]: `${line}\n${sources[file]}` })).toContain(message);
  });

  it('would not stay so with a circle of types', () => {
    const file = 'src/layers/initializers.ts';
    const circle = 'a circle: src/layers/initializers.ts imports src/layers/layer.ts imports src/layers/initializers.ts';
    expect(breaches({ ...sources, [file]: `import type { Layer } from './layer';\n${sources[file]}` })).toEqual([circle]);
  });

  it('would not stay so with a file in no room', () => {
    expect(breaches({ ...sources, 'src/attic/box.ts': '' })).toEqual(['src/attic/box.ts stands in no room: FLOORS in test/support/floors.ts does not name it']);
  });
});

describe('an import is found that is', () => {
  it.each([
    ['of values', "import { a } from './a';"],
    ['of types', "import type { A } from './a';"],
    ['of a type among values', "import { type A, b } from './a';"],
    ['of all', "import * as a from './a';"],
    ['for its effects', "import './a';"],
    ['an export', "export { a } from './a';"],
    ['an export of all', "export * from './a';"],
    ['an export of types', "export type { A } from './a';"],
    ['made when it runs', "export const load = async () => (await import('./a')).a;"],
    ['made when it runs, with a note to bundlers', "export const load = () => import(/* webpackIgnore: true */ './a');"],
    ['of a type where it is used', "export const a = (x: import('./a').A) => x;"],
    ['behind other code', "const a = ` /* `;\nconst text = \"import './b';\"; // import './c';\nimport './a';"],
  ])('%s', (_, code) => {
    expect(importsOf(code)).toEqual(['./a']);
  });
});

describe('the floors in docs/architecture.md', () => {
  it('are these', () => {
    const [, drawing] = /\n## Floors\n[^`]*```\n([^`]*)```/.exec(readFileSync('docs/architecture.md', 'utf8'))!;
    const drawn = drawing
      .trim()
      .split('\n')
      .map((line) =>
        line
          .match(/^(?:[\w-]+(?:\/|\.ts)\s+)*(?:[\w-]+(?:\/|\.ts))?/)![0]
          .trim()
          .split(/\s+/)
          .sort(),
      );
    expect(drawn.reverse()).toEqual(FLOORS.map((rooms) => rooms.flat().sort()));
  });
});
