import { type FileHandle, open, readFile } from 'node:fs/promises';

/** A log of one JSON line a step. */
export class StepLog {
  private constructor(private readonly file: FileHandle) {}

  /** Opens a log, and drops what it says of steps after `step`: those will be made again. */
  static async open(path: string, step: number): Promise<StepLog> {
    const before = await readFile(path, 'utf8').catch(() => '');
    const kept = before.split('\n').filter((line) => stepOf(line) <= step);
    const file = await open(path, 'w');
    await file.writeFile(kept.map((line) => `${line}\n`).join(''));
    return new StepLog(file);
  }

  /** Writes a line. Numbers that JSON has no word for are written as text. */
  async write(entry: Readonly<Record<string, number>>): Promise<void> {
    const line = Object.fromEntries(
      Object.entries(entry).map(([name, value]) => [name, Number.isFinite(value) ? Number(value.toPrecision(7)) : String(value)]),
    );
    await this.file.writeFile(`${JSON.stringify(line)}\n`);
  }

  /** Closes the file. */
  close(): Promise<void> {
    return this.file.close();
  }
}

/** The step that a line tells of; infinity for a line that was cut short. */
function stepOf(line: string): number {
  try {
    return Number(JSON.parse(line).step);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
