import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/** What one backend did in a run. */
interface Row {
  files: number;
  passed: number;
  failed: number;
  skipped: number;
}

/** Backends that the machine could not offer, by name, and why: `{"tensorflow": "no g++"}`. Set by scripts/test.ts. */
const notTested = (): Record<string, string> => JSON.parse(process.env.BACKENDS_NOT_TESTED ?? '{}');

const nameOf = (project: { name: string }): string => project.name.replace(/ \(chromium\)$/, '');

/** Why a test was skipped: the note given to `skip`, or what stands in brackets at the end of its name or its suite's. */
function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  if (result.state === 'skipped' && result.note) return result.note;
  return test.fullName
    .split(' > ')
    .reverse()
    .map((name) => /\(([^()]{4,})\)\s*$/.exec(name)?.[1])
    .find((reason) => reason);
}

const columns = (cells: string[]): string => cells.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(8 + 3 * Number(i === 4)))).join('');

/**
 * Ends a run with a table, one line for each backend, and says by name what was not tested and why. A skipped test
 * without a reason fails the run; so does, where CI is set, a backend that could not be had.
 */
export class BackendTable implements Reporter {
  private projects: string[] = [];
  private byName = false;

  onInit(vitest: Vitest): void {
    this.projects = vitest.projects.map(nameOf);
    this.byName = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const rows = new Map<string, Row>(this.projects.map((name) => [name, { files: 0, passed: 0, failed: 0, skipped: 0 }]));
    const skips = new Map<string, Set<string>>();
    const unexplained: string[] = [];
    const broken: string[] = [];

    for (const module of modules) {
      const backend = nameOf(module.project);
      const row = rows.get(backend) ?? { files: 0, passed: 0, failed: 0, skipped: 0 };
      rows.set(backend, row);
      row.files++;
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'passed') row.passed++;
        else if (state === 'skipped') {
          row.skipped++;
          // A name filter skips whatever it doesn't match.
          if (this.byName) continue;
          const reason = reasonOf(test);
          if (!reason) unexplained.push(`${backend}: ${module.relativeModuleId} > ${test.fullName}`);
          const line = `${module.relativeModuleId} > ${test.fullName}: ${reason ?? 'NO REASON GIVEN'}`;
          skips.set(line, (skips.get(line) ?? new Set()).add(backend));
        } else {
          // 'pending' here means that the worker died before the test had its turn.
          failedTests++;
          row.failed++;
        }
      }
      if (failedTests === 0 && !module.ok()) {
        row.failed++;
        broken.push(`${backend}: ${module.relativeModuleId}`);
      }
    }

    const missing = notTested();
    for (const [name, row] of rows) {
      if (row.passed + row.failed > 0 || name in missing) continue;
      if (process.env.WHOLE_RUN) missing[name] = 'no test ran';
      else rows.delete(name);
    }

    const out: string[] = ['', columns(['backend', 'files', 'passed', 'failed', 'skipped'])];
    const total = { passed: 0, failed: 0, skipped: 0 };
    for (const [name, row] of rows) {
      if (name in missing) continue;
      out.push(columns([name, String(row.files), String(row.passed), String(row.failed), String(row.skipped)]));
    }
    for (const row of rows.values()) {
      total.passed += row.passed;
      total.failed += row.failed;
      total.skipped += row.skipped;
    }
    for (const name of Object.keys(missing)) out.push(columns([name, '-', '-', '-', 'not tested']));

    // Which one it is depends on the day: Debian's is not pinned.
    const { CHROMIUM, CHROMIUM_VERSION } = process.env;
    if (CHROMIUM_VERSION) out.push('', `Chromium: ${CHROMIUM}, ${CHROMIUM_VERSION}`);

    if (skips.size > 0) out.push('', 'Skipped:', ...[...skips].map(([line, backends]) => `  [${[...backends].join(', ')}] ${line}`));
    if (broken.length > 0) out.push('', 'Test files that did not run to their end:', ...broken.map((file) => `  ${file}`));
    if (unhandled.length > 0) out.push('', `${unhandled.length} unhandled errors, printed above.`);
    if (unexplained.length > 0)
      out.push('', `${unexplained.length} tests are skipped without a reason: say it to skip() or in brackets at the end of the name.`);
    out.push('', ...Object.entries(missing).map(([name, reason]) => `NOT TESTED: ${name} (${reason})`));
    out.push(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
    console.log(out.join('\n'));

    const incomplete = Object.keys(missing).length > 0 && process.env.CI;
    if (unexplained.length > 0 || incomplete || total.failed > 0) process.exitCode = 1;
  }
}
