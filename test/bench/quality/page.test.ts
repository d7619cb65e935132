import { expect, it } from 'vitest';
import { looksOf } from '../../../bench/quality/crops';
import { pageOf } from '../../../bench/quality/page';
import type { Row } from '../../../bench/quality/report';

const row = (name: string, method: string, lab: number) => ({ case: name, method, lab, energySmooth: 0.5, seam: 1, features: Number.NaN, lines: 0.25 }) as Row;

it('a page has each case once, with all that was made of it and its figures', () => {
  const page = pageOf([row('a', 'ours', 1.25), row('a', 'ours grow 0', 2), row('b', '<gmic>', 3)]);
  expect(page.match(/<h2>\w<\/h2>/g)).toEqual(['<h2>a</h2>', '<h2>b</h2>']);
  expect([...page.matchAll(/src="([^"]+)"/g)].map(([, source]) => decodeURIComponent(source!))).toEqual([
    looksOf('a', 'ours').crop,
    looksOf('a', 'ours grow 0').crop,
    looksOf('b', '<gmic>').crop,
  ]);
  expect(page).toContain('<b>ours</b> energy 0.50, seam 1.00, Lab 1.3, features –, lines 0.250');
  expect(page).toContain('<b>&#60;gmic&#62;</b>');
});
