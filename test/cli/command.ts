import { run, type Surroundings } from '../../src/cli/run';

/** Runs the command line, and gives its exit code and what it wrote. */
export async function command(args: string[], surroundings: Surroundings = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  const texts = { stdout: '', stderr: '' };
  const stdout = { write: (text: string) => (texts.stdout += text) };
  const stderr = { write: (text: string) => (texts.stderr += text) };
  const code = await run(args, { stdout, stderr, ...surroundings });
  return { code, ...texts };
}
