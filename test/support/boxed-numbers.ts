import { relative } from 'node:path';
import ts from 'typescript';

/** A place where numbers pass one by one through a JavaScript array, an iterator or the arguments of a call. */
export interface Boxed {
  /** `file function`: where it stands, as the list of what is allowed names it. */
  place: string;
  line: number;
  /** What is done there. */
  kind: string;
  code: string;
}

const TYPED = /^(?:Uint8|Uint8Clamped|Int8|Uint16|Int16|Uint32|Int32|Float32|Float64|BigInt64|BigUint64)Array$|^Buffer$/;

/**
 * Finds, in the files that match, each place where a JavaScript array of numbers is made from a typed array, a text or whatever has
 * a length that the code does not show: V8 boxes each value there, takes up to 24 bytes for it, and dies at a length of 2^26 or so.
 *
 * @param virtual sources that exist only here, by the name of a file: they are looked through, too
 */
export function boxedNumbers(matching: RegExp, virtual: Record<string, string> = {}): Boxed[] {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  const virtualOf = (file: string) => virtual[relative('.', file)];
  host.readFile = (file) => virtualOf(file) ?? readFile(file);
  host.fileExists = (file) => virtualOf(file) !== undefined || fileExists(file);
  const getSourceFile = host.getSourceFile;
  host.getSourceFile = (file, ...rest) => {
    const text = virtualOf(file);
    return text === undefined ? getSourceFile(file, ...rest) : ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  };
  const scripts = ts.sys.readDirectory('.', ['.js'], ['**/node_modules', 'dist', 'out'], ['src', 'demo', 'examples']);
  const names = [...fileNames, ...scripts].filter((file) => matching.test(relative('.', file)) || file.endsWith('.d.ts'));
  const program = ts.createProgram([...names, ...Object.keys(virtual)], { ...options, allowJs: true }, host);
  const checker = program.getTypeChecker();

  const parts = (type: ts.Type): ts.Type[] => (type.isUnion() ? type.types : [type]);
  const isTyped = (type: ts.Type) => parts(type).some((part) => TYPED.test(part.symbol?.name ?? ''));
  const isText = (type: ts.Type) => parts(type).some((part) => (part.flags & ts.TypeFlags.StringLike) !== 0 && !part.isStringLiteral());
  const isNumber = (type: ts.Type | undefined) => type !== undefined && parts(type).some((part) => (part.flags & ts.TypeFlags.NumberLike) !== 0);
  const holdsNumbers = (type: ts.Type, name: RegExp) =>
    parts(type).some(
      (part) => !checker.isTupleType(part) && name.test(part.symbol?.name ?? '') && isNumber(checker.getTypeArguments(part as ts.TypeReference)[0]),
    );
  const isIterator = (type: ts.Type) => holdsNumbers(type, /Iterator|Iterable|Generator/);
  const isNumbers = (type: ts.Type) => holdsNumbers(type, /^(Readonly)?(Array|Set)$/) || isIterator(type);
  const isTuple = (type: ts.Type) => parts(type).every((part) => checker.isTupleType(part));
  const isLong = (type: ts.Type) => isTyped(type) || isText(type) || isNumbers(type);
  const isRest = (node: ts.Expression) =>
    checker.getSymbolAtLocation(node)?.declarations?.some((declaration) => ts.isParameter(declaration) && declaration.dotDotDotToken !== undefined) ?? false;
  /** `{ length: 12 }`, which has no iterator; of any length where a typed array is made of it. */
  const isLengthOnly = (node: ts.Expression | undefined, anyLength: boolean) =>
    node !== undefined &&
    ts.isObjectLiteralExpression(node) &&
    node.properties.every(
      (property) => property.name?.getText() === 'length' && (anyLength || (ts.isPropertyAssignment(property) && ts.isNumericLiteral(property.initializer))),
    );

  function kindOf(node: ts.Node): string | undefined {
    if (ts.isSpreadElement(node)) {
      const type = checker.getTypeAtLocation(node.expression);
      // An array of numbers that is copied was found where it was made.
      if (ts.isArrayLiteralExpression(node.parent)) return isTyped(type) || isText(type) || isIterator(type) ? 'spread of numbers' : undefined;
      if (isTuple(type) || isRest(node.expression)) return undefined;
      return 'spread into a call';
    }
    if (ts.isBindingElement(node) && node.dotDotDotToken && ts.isArrayBindingPattern(node.parent)) {
      return isTyped(checker.getTypeAtLocation(node.parent.parent)) ? 'rest of numbers' : undefined;
    }
    if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'Array') {
      const [length] = node.arguments ?? [];
      return length && !ts.isNumericLiteral(length) ? 'new Array(n)' : undefined;
    }
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
    const { name, expression: receiver } = node.expression;
    const [source, map] = node.arguments;
    const on = receiver.getText();
    if (name.text === 'from' && on === 'Array') {
      return isNumber(checker.getIndexTypeOfType(checker.getTypeAtLocation(node), ts.IndexKind.Number)) || isLong(checker.getTypeAtLocation(source))
        ? isLengthOnly(source, false)
          ? undefined
          : 'Array.from'
        : undefined;
    }
    if (name.text === 'from' && TYPED.test(on)) {
      if (on === 'Buffer' && !isNumbers(checker.getTypeAtLocation(source))) return undefined;
      if (isLengthOnly(source, true) || ts.isArrayLiteralExpression(source) || isTuple(checker.getTypeAtLocation(source))) return undefined;
      return map ? 'from with a map' : 'from an iterable';
    }
    if (name.text === 'push' && !node.arguments.some(ts.isSpreadElement) && node.arguments.some((each) => isNumber(checker.getTypeAtLocation(each))))
      return 'push of numbers';
    if (
      ['entries', 'keys', 'values'].includes(name.text) &&
      (isTyped(checker.getTypeAtLocation(receiver)) || (on === 'Object' && source && isTyped(checker.getTypeAtLocation(source))))
    )
      return 'iterator';
    return undefined;
  }

  const found: Boxed[] = [];
  for (const file of program.getSourceFiles()) {
    const path = relative('.', file.fileName);
    if (!matching.test(path) && !(path in virtual)) continue;
    const visit = (node: ts.Node, within: string): void => {
      const kind = kindOf(node);
      if (kind !== undefined) {
        const code = node.getText(file).replace(/\s+/g, ' ').slice(0, 120);
        found.push({ place: `${path} ${within}`.trim(), line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1, kind, code });
      }
      // The outermost name alone: functions within functions belong to it.
      const named =
        (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isVariableDeclaration(node) || ts.isConstructorDeclaration(node)) &&
        !isLocal(node);
      const name = !named ? within : ts.isConstructorDeclaration(node) ? 'constructor' : (node.name?.getText(file) ?? within);
      ts.forEachChild(node, (child) => visit(child, name));
    };
    visit(file, '');
  }
  return found;
}

/** Whether a declaration stands within a function. */
function isLocal(node: ts.Node): boolean {
  for (let above = node.parent; above; above = above.parent) if (ts.isFunctionLike(above)) return true;
  return false;
}
