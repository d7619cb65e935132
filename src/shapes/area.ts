import type { Budget } from './fault';
import type { Spans } from './spans';

/** Which places crossing outlines enclose: those that an odd number of them surrounds, or those that they don't wind around as often one way as the other. */
export type FillRule = 'evenodd' | 'nonzero';

/**
 * Covers what closed outlines enclose. A row is cut at its centre `y`; an edge from (x0, y0) down to (x1, y1) is crossed where y0 <= y < y1,
 * at x0 + (y - y0) (x1 - x0) / (y1 - y0).
 *
 * @param rings coordinates x, y, x, y, ...; the last point is joined to the first
 */
export function addArea(spans: Spans, rings: readonly Float64Array[], rule: FillRule, budget: Budget, place: string): void {
  const edges = edgesOf(spans, rings, budget, place);
  if (edges.count === 0) return;
  const { top, bottom, count, first, last, winding, xAt } = edges;
  // By the row that they begin in.
  const starts = new Uint32Array(bottom - top + 1);
  for (let n = 0; n < count; n++) starts[first[n] - top + 1]++;
  for (let row = 0; row < bottom - top; row++) starts[row + 1] += starts[row];
  const order = new Uint32Array(count);
  const next = starts.slice();
  for (let n = 0; n < count; n++) order[next[first[n] - top]++] = n;
  const active = new Uint32Array(count);
  const x = new Float64Array(count);
  let actives = 0;
  for (let row = top; row < bottom; row++) {
    let kept = 0;
    for (let n = 0; n < actives; n++) if (last[active[n]] > row) active[kept++] = active[n];
    actives = kept;
    for (let n = starts[row - top]; n < starts[row - top + 1]; n++) active[actives++] = order[n];
    for (let n = 0; n < actives; n++) x[active[n]] = xAt(active[n], row + 0.5);
    sortBy(x, active, actives);
    for (let n = 0, wound = 0; n + 1 < actives; n++) {
      wound += rule === 'evenodd' ? 1 - 2 * wound : winding[active[n]];
      if (wound !== 0) spans.add(row, x[active[n]], x[active[n + 1]], place);
    }
  }
}

/** The edges that cross the centre of a row of the mask. */
function edgesOf(spans: Spans, rings: readonly Float64Array[], budget: Budget, place: string) {
  const most = rings.reduce((sum, { length }) => sum + length / 2, 0);
  const [x0, y0, slope] = [new Float64Array(most), new Float64Array(most), new Float64Array(most)];
  const [first, last, winding] = [new Uint32Array(most), new Uint32Array(most), new Int8Array(most)];
  let [count, top, bottom] = [0, spans.height, 0];
  for (const ring of rings) {
    for (let n = 0; n < ring.length; n += 2) {
      const m = n + 2 === ring.length ? 0 : n + 2;
      const down = ring[n + 1] < ring[m + 1];
      const [upper, lower] = down ? [n, m] : [m, n];
      const [from, to] = [spans.rowFrom(ring[upper + 1]), spans.rowFrom(ring[lower + 1])];
      if (from >= to) continue;
      budget.takeCrossings(to - from, place);
      [x0[count], y0[count]] = [ring[upper], ring[upper + 1]];
      slope[count] = (ring[lower] - ring[upper]) / (ring[lower + 1] - ring[upper + 1]);
      [first[count], last[count], winding[count]] = [from, to, down ? 1 : -1];
      top = Math.min(top, from);
      bottom = Math.max(bottom, to);
      count++;
    }
  }
  return { top, bottom, count, first, last, winding, xAt: (n: number, y: number) => x0[n] + (y - y0[n]) * slope[n] };
}

/** Sorts edges from left to right: few, or as the row above had them, by insertion. */
function sortBy(x: Float64Array, edges: Uint32Array, count: number): void {
  if (count > 32) {
    edges.subarray(0, count).sort((a, b) => x[a] - x[b]);
    return;
  }
  for (let n = 1; n < count; n++) {
    const edge = edges[n];
    let m = n;
    for (; m > 0 && x[edges[m - 1]] > x[edge]; m--) edges[m] = edges[m - 1];
    edges[m] = edge;
  }
}
