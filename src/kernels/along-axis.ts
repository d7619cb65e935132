/** The kernel behind `applyMaps`: input x, [outer, n, inner]; one output, [outer, rows of the matrix, inner]. */
export const ALONG_AXIS = 'CraAlongAxis';

/** Its attributes: a sparse matrix, row by row, for axis 1. */
export type AlongAxisAttributes = {
  indices: number[][];
  weights: number[][];
};
