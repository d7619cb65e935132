import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

// Titles are plain statements: in lower case, without "should", "test" or a full stop, so that a list of them reads as what holds.
const root = join(import.meta.dirname, '..');

/** First words that are written with a capital anywhere; those with a second one, such as PNG or WebP, need no mention. */
const NAMES = /^(Adam|Display|Photoshop|Trainer)\b/;

/** What is wrong with a title, if anything. */
function flawOf(title: string): string | undefined {
  if (/\bshould\b/i.test(title)) return 'should';
  if (/^(it|tests?|testing|verify|verifies|ensures?)\b/i.test(title)) return 'says that it is a test';
  if (/^[A-Z][a-z]*(?![\w-])/.test(title) && !NAMES.test(title)) return 'a capital';
  if (/[.!]$/.test(title)) return 'a full stop';
  return undefined;
}

/** The name that a call begins with: `it` of `it.each(rows)('title', ...)`. */
function calledName(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)) return calledName(node.expression);
  return ts.isTaggedTemplateExpression(node) ? calledName(node.tag) : '';
}

/** The titles that a source gives to `it` and `describe`, as they are written. */
function titlesOf(name: string, text: string): string[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022);
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(it|test|describe)$/.test(calledName(node.expression))) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
      if (title && ts.isTemplateExpression(title)) titles.push(title.getText(source).slice(1, -1));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** The titles of what is skipped in some cases, as it says itself: by skipIf or runIf with a plain title. */
function skippedTitlesOf(name: string, text: string): string[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022);
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isCallExpression(node.expression) && ts.isPropertyAccessExpression(node.expression.expression)) {
      const [title] = node.arguments;
      if (/^(skipIf|runIf)$/.test(node.expression.expression.name.text) && title && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

describe('titles of tests', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'));
  const titles = files.flatMap((name) => titlesOf(name, readFileSync(join(root, name), 'utf8')).map((title) => ({ name, title })));

  it('are plain statements in lower case', () => {
    expect(titles.length).toBeGreaterThan(1400);
    expect(titles.flatMap(({ name, title }) => (flawOf(title) ? [`${name}: ${title} (${flawOf(title)})`] : []))).toEqual([]);
  });

  it('end in brackets that say why, where a test or a suite is skipped: a whole run fails without', () => {
    const skipped = files.flatMap((name) => skippedTitlesOf(name, readFileSync(join(root, name), 'utf8')).map((title) => `${name}: ${title}`));
    expect(skipped.length).toBeGreaterThan(20);
    expect(skipped.filter((title) => !/\([^)]+\)$/.test(title))).toEqual([]);
    expect(skippedTitlesOf('a.ts', "it.skipIf(no)('fills', f); describe.runIf(yes)('a thing (slow)', f); it('is', f)")).toEqual(['fills', 'a thing (slow)']);
  });

  it('are told of each call, and what is wrong with them', () => {
    const source = `describe('Fills', () => { it.each(rows)('should fill', f); it.skipIf(no)(\`test \${n}\`, f); it('fills', f); it('PNG is kept.', f); });`;
    expect(titlesOf('a.ts', source).map(flawOf)).toEqual(['a capital', 'should', 'says that it is a test', undefined, 'a full stop']);
  });
});
