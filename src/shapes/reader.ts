import { fault } from './fault';

const SPACE = /[ \t\r\n\f]*/y;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;

/** What parts numbers in SVG: white space, a comma, or nothing where the next has a sign. */
export const BETWEEN = /[ \t\r\n\f]*,?[ \t\r\n\f]*/y;

/** Reads a text from left to right, and says where it is wrong. */
export class TextReader {
  at = 0;

  constructor(
    readonly text: string,
    readonly place: string,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  skipSpace(): void {
    this.match(SPACE);
  }

  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  number(): number {
    const found = this.match(NUMBER);
    if (found === undefined) throw this.wrong('a number');
    return Number(found);
  }

  /** What was expected where the reader stands. */
  wrong(expected: string): Error {
    return fault(`${this.place}, at character ${this.at}`, expected, this.isAtEnd ? 'the end' : this.text.slice(this.at, this.at + 10));
  }
}
