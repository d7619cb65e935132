import { fault } from './fault';

// 16 bytes each.
const MOST_SPANS = 2 ** 24;

/** Unsigned whole numbers, as many as come. */
export class Numbers {
  #values = new Uint32Array(256);
  length = 0;

  add(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Uint32Array(2 * this.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  /** Those that came, where they lie. */
  get values(): Uint32Array {
    return this.#values.subarray(0, this.length);
  }
}

/**
 * What shapes cover, row by row. A pixel is covered where its centre is: of a stretch from `left` to `right`, those centres that are not
 * left of `left`, and left of `right`. So of two shapes that share an edge, each pixel there is in one.
 */
export class Spans {
  readonly #rows = new Numbers();
  readonly #starts = new Numbers();
  readonly #ends = new Numbers();
  readonly #marks = new Numbers();
  /** Whether what is added now is marked, or what was marked there before no longer is. */
  marking = true;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {}

  /** The first row whose centre is not above `y`, and in the mask; behind the last row if there is none. */
  rowFrom(y: number): number {
    return Math.min(Math.max(0, Math.ceil(y - 0.5)), this.height);
  }

  /** Adds what lies between two places of a row. @throws MaskError where it is too much */
  add(row: number, left: number, right: number, place: string): void {
    const start = Math.max(0, Math.ceil(left - 0.5));
    const end = Math.min(this.width, Math.ceil(right - 0.5));
    if (start < end) this.addPixels(row, start, end, place);
  }

  /** Adds pixels of a row, which lie in the mask. @throws MaskError where it is too much */
  addPixels(row: number, start: number, end: number, place: string): void {
    if (this.#rows.length === MOST_SPANS) throw fault(place, `the end: all shapes together may cover ${MOST_SPANS} stretches of rows`);
    this.#rows.add(row);
    this.#starts.add(start);
    this.#ends.add(end);
    this.#marks.add(this.marking ? 1 : 0);
  }

  /** What is marked in the end, as `RunMask` has it: row, first column, and the one behind the last, by rows and columns. */
  runs(): Uint32Array {
    const { width, height } = this;
    const [rows, starts, ends, marks] = [this.#rows.values, this.#starts.values, this.#ends.values, this.#marks.values];
    // By rows, and in each as they came.
    const firsts = new Uint32Array(height + 1);
    for (const row of rows) firsts[row + 1]++;
    for (let row = 0; row < height; row++) firsts[row + 1] += firsts[row];
    const order = new Uint32Array(rows.length);
    const next = firsts.slice();
    for (let n = 0; n < rows.length; n++) order[next[rows[n]]++] = n;
    const line = new Uint8Array(width);
    const runs = new Numbers();
    const put = (row: number, start: number, end: number) => {
      runs.add(row);
      runs.add(start);
      runs.add(end);
    };
    for (let row = 0; row < height; row++) {
      const [first, last] = [firsts[row], firsts[row + 1]];
      if (last === first) continue;
      if (last === first + 1) {
        const only = order[first];
        if (marks[only]) put(row, starts[only], ends[only]);
        continue;
      }
      let [from, to] = [width, 0];
      for (let n = first; n < last; n++) {
        const span = order[n];
        line.fill(marks[span], starts[span], ends[span]);
        from = Math.min(from, starts[span]);
        to = Math.max(to, ends[span]);
      }
      const touched = line.subarray(from, to);
      for (let start = touched.indexOf(1); start >= 0; ) {
        const zero = touched.indexOf(0, start);
        const end = zero < 0 ? touched.length : zero;
        put(row, from + start, from + end);
        start = zero < 0 ? -1 : touched.indexOf(1, zero);
      }
      touched.fill(0);
    }
    return runs.values.slice();
  }
}
