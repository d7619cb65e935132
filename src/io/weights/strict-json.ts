import { damaged, quoted } from './parse';

// Why no library: secure-json-parse looks for dangerous keys, not for equal ones.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The place of the quote that ends the text which begins at `start`; the end of all where there is none. */
function endOfText(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}

/** Refuses nesting beyond `depth` and objects with two equal keys, before anything is built of the text. */
function checkStructure(text: string, depth: number, what: string): void {
  const open: Set<string>[] = [];
  const space = /\s*/y;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' || character === '[') {
      if (open.push(new Set()) > depth) throw damaged(`${what} is nested too deep`, { expected: depth });
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const end = endOfText(text, i);
      const written = text.slice(i, end + 1);
      i = end;
      space.lastIndex = end + 1;
      space.test(text);
      if (text[space.lastIndex] !== ':' || open.length === 0) continue;
      const key = JSON.parse(written) as string;
      const keys = open[open.length - 1];
      if (keys.has(key)) throw damaged(`${what} names ${quoted(key)} twice`, { actual: key });
      keys.add(key);
    }
  }
}

/**
 * JSON.parse for text that may be hostile. Two equal keys in one object are an error: JSON.parse would keep the second without a
 * word, another reader the first. So is nesting beyond `depth`, which could take a large multiple of the text's memory.
 */
export function parseJson(text: string, depth: number, what: string): unknown {
  try {
    checkStructure(text, depth, what);
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw damaged(`${what} is not JSON`, { cause });
    throw cause;
  }
}
