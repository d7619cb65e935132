import { describe, expect, it } from 'vitest';
import * as generators from '../../src/generators';
import * as layers from '../../src/layers';
import * as ops from '../../src/ops';
import { textOf } from '../support/doc-blocks';

/** The names in the first column of a page's tables: the row of `batchNorm`, `batchStatistics` has two, that of `hifill(weights)` one. */
const named = (page: string) =>
  textOf(page)
    .split('\n')
    .flatMap((line) => [...(/^\| (.*?) \|/.exec(line)?.[1]?.matchAll(/`(\w+)(?:\([^`]*\))?`/g) ?? [])].map((match) => match[1]!));

const functions = (module: object) => Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));

describe('what is public has a row in the table of its page', () => {
  const rowless = (names: string[], page: string) => names.filter((name) => !named(page).includes(name)).map((name) => `${name} has no row in ${page}`);

  it('ops', () => {
    expect(functions(ops).length).toBeGreaterThan(30);
    expect(rowless(functions(ops), 'docs/ops.md')).toEqual([]);
  });

  it('layers', () => {
    const classes = functions(layers).filter((name) => /^[A-Z]/.test(name) && name !== 'Layer');
    expect(classes.length).toBeGreaterThan(8);
    expect(rowless(classes, 'docs/layers.md')).toEqual([]);
  });

  it('generators', () => {
    // What a network of one's own is made with stands in the text.
    const makers = functions(generators).filter((name) => !['networkStages', 'runNetwork'].includes(name));
    expect(makers.length).toBeGreaterThan(6);
    expect(rowless(makers, 'docs/generators.md')).toEqual([]);
  });
});

it('the table of ops names none that is gone', () => {
  expect(named('docs/ops.md').length).toBeGreaterThan(30);
  expect(named('docs/ops.md').filter((name) => !(name in ops))).toEqual([]);
});
