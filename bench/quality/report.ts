import type { Scores } from './metrics';

/** One line of the table: a case filled by a method. */
export interface Row extends Scores {
  case: string;
  method: string;
  megapixels: number;
  features: number;
  /** Of the hole's middle at 1:1 alone. */
  featuresNear: number;
  seconds: number;
  megabytes: number;
}

const columns: [heading: string, key: keyof Row, digits: number][] = [
  ['energy', 'energySmooth', 2],
  ['plain energy', 'energy', 2],
  ['plain energy²', 'energySquared', 2],
  ['hist', 'histogram', 3],
  ['fine hist', 'histogramFine', 3],
  ['seam', 'seam', 2],
  ['Lab', 'lab', 1],
  ['Lab cast', 'labCells', 1],
  ['features', 'features', 3],
  ['near', 'featuresNear', 3],
  ['lines', 'lines', 3],
  ['PSNR', 'psnr', 1],
  ['SSIM', 'ssim', 3],
  ['reach px', 'reach', 0],
  ['touched', 'touched', 0],
  ['leak', 'leak', 0],
  ['s', 'seconds', 1],
  ['MiB', 'megabytes', 0],
];

const cell = (value: number, digits: number): string => (Number.isNaN(value) ? '–' : value === Number.POSITIVE_INFINITY ? '∞' : value.toFixed(digits));
const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;

/** Mean of a column, cases without a value left out. */
export function mean(rows: Row[], key: keyof Row): number {
  const values = rows.map((row) => row[key] as number).filter((value) => !Number.isNaN(value));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The means over the cases that have a truth, a line for each method. */
export function summaryTable(rows: Row[], title: string): string {
  const methods = [...new Set(rows.map((row) => row.method))];
  const body = methods.map((method) => {
    const own = rows.filter((row) => row.method === method);
    return line([method, String(own.length), ...columns.map(([, key, digits]) => cell(mean(own, key), digits))]);
  });
  return [line([title, 'cases', ...columns.map(([heading]) => heading)]), line(['---', ...Array(columns.length + 1).fill('---:')]), ...body].join('\n');
}

/** Every row. */
export function caseTable(rows: Row[]): string {
  const body = rows.map((row) =>
    line([row.case, row.megapixels.toFixed(1), row.method, ...columns.map(([, key, digits]) => cell(row[key] as number, digits))]),
  );
  return [
    line(['case', 'MP', 'method', ...columns.map(([heading]) => heading)]),
    line(['---', '---:', '---', ...Array(columns.length).fill('---:')]),
    ...body,
  ].join('\n');
}
