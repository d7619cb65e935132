// Times fills from dust to a large object, beside plainer ones, and says how near they come to the truth. See bench/README.md.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Case, Pixels } from '../quality/cases';
import type { Method } from '../quality/methods/method';
import { moduleMethod } from '../quality/methods/module';
import { ours } from '../quality/methods/ours';
import { telea } from '../quality/methods/telea';
import { buildScaleCase, scaleCases } from './cases';

const { values: options } = parseArgs({
  options: { cases: { type: 'string', default: '' }, methods: { type: 'string', default: 'ours,membrane,telea' }, rounds: { type: 'string', default: '1' } },
});
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const known: Method[] = [ours('wasm'), moduleMethod('membrane', path('./membrane.ts'), () => 1), telea];
const methods = options.methods.split(',').map((name) => {
  const method = known.find((one) => one.name === name);
  if (!method) throw new Error(`no method "${name}"; there are ${known.map((one) => one.name).join(', ')}`);
  return method;
});

/** Peak signal to noise in the marked pixels, in dB. */
function psnr(result: Pixels, { truth, hole }: Case): number {
  let [sum, count] = [0, 0];
  for (let p = 0; p < hole.data.length; p++) {
    if (hole.data[p] !== 1) continue;
    for (let i = 3 * p; i < 3 * p + 3; i++) sum += (result.data[i] - truth.data[i]) ** 2;
    count += 3;
  }
  return 10 * Math.log10(255 ** 2 / (sum / count));
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

console.log('| input | method | s | MiB | PSNR in the mask, dB |\n| --- | --- | ---: | ---: | ---: |');
for (const spec of scaleCases.filter(({ name }) => options.cases.split(',').some((part) => name.includes(part)))) {
  const which = await buildScaleCase(spec);
  // In turns, so that whatever else the machine does falls on all of them.
  const outcomes = methods
    .filter(({ name }) => name !== 'membrane' || !spec.isLarge)
    .map((method) => ({ method, seconds: [] as number[], megabytes: 0, psnr: 0 }));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const outcome of outcomes) {
      const { result, seconds, megabytes } = await outcome.method.run(which);
      outcome.seconds.push(seconds);
      outcome.megabytes = Math.max(outcome.megabytes, megabytes);
      outcome.psnr = psnr(result, which);
    }
  }
  for (const { method, seconds, megabytes, psnr } of outcomes) {
    console.log(`| ${spec.name} | ${method.name} | ${median(seconds).toFixed(2)} | ${megabytes.toFixed(0)} | ${psnr.toFixed(1)} |`);
  }
}
