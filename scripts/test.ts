/**
 * Provisions the backends, then runs the tests on all of them: `npm test`. Arguments go to vitest:
 * `npm test -- --project wasm test/ops/gate.test.ts`. The table at the end is made by test/support/backend-table.ts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const inChromium = ['webgpu-chromium', 'browser', 'pages'];
const projects = ['node', 'cpu', 'wasm', 'tensorflow', 'webgpu-node', ...inChromium];

const run = (command: string, args: string[], env = process.env): number => {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env });
  if (error) console.error(`${command}: ${error.message}`);
  return status ?? 1;
};

/** Makes tfjs-node-gpu loadable; returns what went wrong, if something did. */
function provisionTensorFlow(): string | undefined {
  return run('bash', ['scripts/provision-node-gpu.sh']) === 0 ? undefined : 'tfjs-node-gpu could not be provisioned, see above';
}

/** Finds a Chromium with WebGPU: the machine's, Debian's by apt, or the one in @sparticuz/chromium; returns what went wrong, if something did. */
async function provisionChromium(): Promise<string | undefined> {
  const installed = () => [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
  if (!installed() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('installing chromium by apt-get');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    if (run('apt-get', ['update', '-qq'], env) === 0) run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], env);
  }
  if (!installed()) {
    const { default: carried } = await import('@sparticuz/chromium');
    process.env.CHROMIUM = await carried.executablePath();
  }
  const path = installed();
  if (!path) return 'no Chromium: install one, or say where it is by CHROMIUM=<path>';
  process.env.CHROMIUM = path;
  const { status, stdout, stderr } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  if (status !== 0) return `${path} does not start: ${String(stderr).trim().split('\n').at(-1)}`;
  process.env.CHROMIUM_VERSION = stdout.trim();
  console.log(`Chromium: ${path}, ${stdout.trim()}`);
  return undefined;
}

const args = process.argv.slice(2);
const asked = args.flatMap((arg, i) => (arg === '--project' ? [args[i + 1]!] : arg.startsWith('--project=') ? [arg.slice(10)] : []));
const wanted = (project: string) => asked.length === 0 || asked.includes(project);

const missing: Record<string, string> = {};
const note = (project: string, problem: string | undefined) => {
  if (!problem) return;
  missing[project] = problem;
  console.error(`NOT TESTED: ${project} (${problem})`);
};
if (wanted('tensorflow')) note('tensorflow', provisionTensorFlow());
if (inChromium.some(wanted)) {
  const problem = await provisionChromium();
  for (const project of inChromium.filter(wanted)) note(project, problem);
}

const selection = (asked.length > 0 ? asked : projects).filter((project) => !(project in missing)).flatMap((project) => ['--project', project]);
const others = args.filter((arg, i) => !arg.startsWith('--project') && args[i - 1] !== '--project');
const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', BACKENDS_NOT_TESTED: JSON.stringify(missing), WHOLE_RUN: others.length === 0 ? '1' : '' };
process.exitCode = run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...selection, ...others], env);
