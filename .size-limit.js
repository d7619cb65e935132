// What a user's bundle grows by, minified and gzipped, TensorFlow.js not counted: `npm run size`, after a build.
const ignore = ['@tensorflow/*'];
const asModule = (config) => ({ ...config, format: 'esm' });
const part = (name, path, names, limit) => ({ name, path, import: names, limit, ignore, gzip: true, modifyEsbuildConfig: asModule });
const op = (name, limit) => part(`the op ${name} alone`, 'dist/ops/index.js', `{ ${name} }`, limit);

export default [
  // The compiled loops are 14 kB of it, threads 5, lines 3, and sources, candidates and what they share 4.
  part('inpaint, exemplar and the ops that they take', 'dist/index.js', '{ inpaint, exemplar }', '72 kB'),
  part('every operation over pixels', 'dist/pixels/index.js', '*', '34 kB'),
  part('every op', 'dist/ops/index.js', '*', '38.5 kB'),
  op('composite', '3 kB'),
  op('feather', '3 kB'),
  op('membrane', '3 kB'),
  // With its kernels for each backend, and its ways to resize and to dilate.
  op('gatedConv2d', '8 kB'),
  part('createInpainter, on the page', 'dist/browser/index.js', '{ createInpainter }', '30 kB'),
  part('all for browsers', 'dist/browser/index.js', '*', '41 kB'),
  {
    name: 'the worker, TensorFlow.js and three backends included',
    path: 'dist/standalone/worker.js',
    limit: '355 kB',
    gzip: true,
    modifyEsbuildConfig: asModule,
  },
  {
    name: 'a thread of the worker',
    path: 'dist/standalone/thread.js',
    limit: '34 kB',
    gzip: true,
    modifyEsbuildConfig: asModule,
  },
];
