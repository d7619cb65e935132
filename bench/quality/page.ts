import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { looksOf } from './crops';
import type { Row } from './report';

const figures: [keyof Row, string, number][] = [
  ['energySmooth', 'energy', 2],
  ['seam', 'seam', 2],
  ['lab', 'Lab', 1],
  ['features', 'features', 3],
  ['lines', 'lines', 3],
];

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A page of all cases, each with what the methods made of it at 1:1: the input, the result and the truth. */
export function pageOf(rows: readonly Row[]): string {
  const cases = [...new Set(rows.map((row) => row.case))];
  const sections = cases.map((name) => {
    const looks = rows
      .filter((row) => row.case === name)
      .map((row) => {
        const values = figures.map(([key, word, digits]) => `${word} ${Number.isFinite(row[key]) ? (row[key] as number).toFixed(digits) : '–'}`);
        const source = encodeURIComponent(looksOf(row.case, row.method).crop);
        return `<figure><figcaption><b>${escaped(row.method)}</b> ${values.join(', ')}</figcaption><img loading="lazy" src="${source}"></figure>`;
      });
    return `<h2>${escaped(name)}</h2>\n${looks.join('\n')}`;
  });
  const style = 'body { font: 14px sans-serif } figure { margin: 0 0 12px } img { display: block }';
  return `<!doctype html>\n<meta charset="utf-8">\n<title>Before, result, truth</title>\n<style>${style}</style>\n${sections.join('\n')}\n`;
}

/** Writes the page beside the pictures. */
export const writePage = (folder: string, rows: readonly Row[]): Promise<void> => writeFile(join(folder, 'index.html'), pageOf(rows));
