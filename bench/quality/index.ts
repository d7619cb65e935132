// Fills holes whose truth is known and measures how well. See bench/README.md.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { availableCases, buildCase } from './cases';
import { writeLooks } from './crops';
import { featureScore, loadFeatureDistance } from './features';
import { cached } from './methods/cached';
import { gmic } from './methods/gmic';
import type { Method } from './methods/method';
import { miganMethods } from './methods/migan';
import { moduleMethod } from './methods/module';
import { ours, oursExactMask, oursWithoutDetail } from './methods/ours';
import { telea } from './methods/telea';
import { score } from './metrics';
import { writePage } from './page';
import { caseTable, type Row, summaryTable } from './report';

const { values: options } = parseArgs({
  options: {
    photos: { type: 'string', default: process.env.CRA_PHOTOS },
    structure: { type: 'string' },
    cases: { type: 'string' },
    methods: { type: 'string', default: 'ours,ours grow 0,ours without detail,telea,gmic' },
    method: { type: 'string', multiple: true, default: [] },
    backend: { type: 'string', default: 'wasm' },
    'max-mp': { type: 'string', default: '20' },
    'no-features': { type: 'boolean', default: false },
    out: { type: 'string' },
    json: { type: 'string' },
    migan: { type: 'string', default: process.env.MIGAN_ONNX },
    list: { type: 'boolean', default: false },
  },
});

/** The photo itself, as a yardstick: what a perfect result scores. */
const truth: Method = { name: 'truth', allowed: () => 0, run: async (which) => ({ result: which.truth, seconds: Number.NaN, megabytes: Number.NaN }) };
const known: Method[] = [
  ours(options.backend),
  oursExactMask(options.backend),
  oursWithoutDetail(options.backend),
  telea,
  gmic,
  truth,
  ...(options.migan ? miganMethods(options.backend, options.migan) : []),
];
const reach = (width: number, height: number): number => Math.max(8, 0.012 * Math.max(width, height));

function chosenMethods(): Method[] {
  const own = options.method.map((text) => {
    const [name, path] = text.split('=');
    return moduleMethod(name, path, reach);
  });
  const named = options.method.length && !process.argv.some((text) => text.startsWith('--methods')) ? [] : options.methods.split(',').filter(Boolean);
  return [
    ...own,
    ...named.map((name) => {
      const method = known.find((one) => one.name === name);
      if (!method) throw new Error(`no method "${name}"; there are ${known.map((one) => one.name).join(', ')}`);
      return method;
    }),
  ].map(cached);
}

const wanted = options.cases?.split(',');
const folders = { photos: options.photos, structure: options.structure };
const specs = (await availableCases(folders)).filter(
  ({ name, megapixels }) => megapixels <= Number(options['max-mp']) && (!wanted || wanted.some((part) => name.includes(part))),
);
if (options.list) {
  for (const spec of specs) console.log(`${spec.name}  ${spec.megapixels.toFixed(1)} MP${spec.hasTruth === false ? '  (no truth)' : ''}`);
  process.exit(0);
}

const methods = chosenMethods();
const featureDistance = options['no-features'] ? undefined : await loadFeatureDistance();
const rows: Row[] = [];
const withoutTruth = new Set<string>();
for (const spec of specs) {
  const which = await buildCase(spec, folders);
  if (!which.hasTruth) withoutTruth.add(which.name);
  for (const method of methods) {
    try {
      const { result, seconds, megabytes } = await method.run(which);
      const { width, height } = which.input;
      if (result.width !== width || result.height !== height) throw new Error(`size ${result.width} x ${result.height}, expected ${width} x ${height}`);
      const features = featureDistance ? await featureScore(featureDistance, which, result) : { features: Number.NaN, featuresNear: Number.NaN };
      const row: Row = {
        case: which.name,
        method: method.name,
        megapixels: (width * height) / 1e6,
        ...score(which, result, method.allowed(width, height)),
        ...features,
        seconds,
        megabytes,
      };
      rows.push(row);
      if (options.out) await writeLooks(options.out, which, method.name, result);
      console.error(
        `${row.case} ${row.method}: energy ${row.energySmooth.toFixed(2)} (plain ${row.energy.toFixed(2)}) hist ${row.histogram.toFixed(3)} seam ${row.seam.toFixed(2)} Lab ${row.lab.toFixed(1)} lines ${row.lines.toFixed(3)} features ${row.features.toFixed(3)} ${row.seconds.toFixed(1)} s`,
      );
    } catch (error) {
      console.error(`${which.name} ${method.name} failed: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
}

const measured = rows.filter((row) => !withoutTruth.has(row.case));
console.log(`${caseTable(rows)}\n\n${summaryTable(measured, 'mean')}`);
const isStructure = (row: Row) => row.case.startsWith('structure-');
const kinds = [measured.filter((row) => !isStructure(row)), measured.filter(isStructure)];
if (kinds.every((rows) => rows.length))
  for (const [n, rows] of kinds.entries()) console.log(`\n${summaryTable(rows, n ? 'mean, with lines' : 'mean, the others')}`);
const large = measured.filter((row) => row.megapixels >= 2);
if (large.length && large.length < measured.length) console.log(`\n${summaryTable(large, 'mean, 2 MP and more')}`);
if (options.out) await writePage(options.out, rows);
if (options.json) await writeFile(options.json, `${JSON.stringify(rows, null, 1)}\n`);
