// Runs one module on one picture: `run-module.ts MODULE FOLDER JSON`, see module.ts.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FillModule } from './module';

/** Peak resident memory in MiB. `maxRSS` would count the parent's peak too, as Linux hands it on through fork and exec. */
function peakMemory(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const kilobytes = /VmHWM:\s*(\d+)/.exec(status)?.[1];
  return (kilobytes ? Number(kilobytes) : process.resourceUsage().maxRSS) / 1024;
}

const [path, folder, json] = process.argv.slice(2);
const { width, height, settings } = JSON.parse(json);
const { default: fill } = (await import(pathToFileURL(resolve(path)).href)) as { default: FillModule };
const data = new Uint8Array(readFileSync(join(folder, 'in.rgb')));
const hole = new Uint8Array(readFileSync(join(folder, 'hole')));
const start = performance.now();
const out = await fill({ width, height, data, hole }, settings);
const seconds = (performance.now() - start) / 1000;
if (out.length !== data.length) throw new Error(`${path}: expected ${data.length} bytes, got ${out.length}`);
writeFileSync(join(folder, 'out.rgb'), out);
console.log(`\n${JSON.stringify({ seconds, megabytes: peakMemory() })}`);
process.exit(0);
