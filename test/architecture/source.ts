import { parseSync, Visitor } from 'oxc-parser';
import type { VisitorObject } from 'oxc-parser';

type At = { line: number };

/**
 * What the rules need to know of one TypeScript file. `path` is relative to the root, with slashes.
 */
export type Source = {
  path: string;
  lines: number;
  imports: (At & { specifier: string })[];
  functions: (At & { lines: number })[];
  /** Uses of `any`, `export default`, the environment, the clock and randomness. */
  marks: (At & { kind: Mark })[];
};

export type Mark = 'any' | 'default export' | 'process.env' | 'clock' | 'randomness';

const CALLS: Record<string, Mark> = {
  'process.env': 'process.env',
  'Date.now': 'clock',
  'Math.random': 'randomness',
  'crypto.randomUUID': 'randomness',
};

export function readSource(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const lineAt = lineCounter(text);
  const source: Source = {
    path,
    lines: lineAt(text.trimEnd().length),
    imports: [],
    functions: [],
    marks: [],
  };
  const visitors = [
    importsInto(source, lineAt),
    functionsInto(source, lineAt),
    marksInto(source, lineAt),
    exportsInto(source, lineAt),
  ];
  for (const visitor of visitors) new Visitor(visitor).visit(program);
  return source;
}

type LineAt = (offset: number) => number;
type Span = { start: number; end: number };

function lineCounter(text: string): LineAt {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1;
}

function importsInto({ imports }: Source, lineAt: LineAt): VisitorObject {
  const add = (node: { start: number; source: { value?: unknown } | null }): void => {
    if (node.source === null) return;
    imports.push({ specifier: String(node.source.value), line: lineAt(node.start) });
  };
  return {
    ImportDeclaration: add,
    ExportAllDeclaration: add,
    ExportNamedDeclaration: add,
    TSImportType: add,
    ImportExpression: (node) => {
      if (node.source.type === 'Literal') add({ start: node.start, source: node.source });
    },
  };
}

// An arrow that fits on one line is an expression, not a function to be kept short.
function functionsInto({ functions }: Source, lineAt: LineAt): VisitorObject {
  const add = (node: Span): void => {
    const line = lineAt(node.start);
    functions.push({ line, lines: lineAt(node.end) - line + 1 });
  };
  return {
    FunctionDeclaration: add,
    FunctionExpression: add,
    ArrowFunctionExpression: (node) => {
      if (lineAt(node.end) > lineAt(node.start)) add(node);
    },
  };
}

function marksInto({ marks }: Source, lineAt: LineAt): VisitorObject {
  const add = (kind: Mark | undefined, node: Span): void => {
    if (kind !== undefined) marks.push({ kind, line: lineAt(node.start) });
  };
  return {
    TSAnyKeyword: (node) => add('any', node),
    MemberExpression: (node) => add(CALLS[`${nameOf(node.object)}.${nameOf(node.property)}`], node),
    VariableDeclarator: ({ id, init }) => {
      if (id.type !== 'ObjectPattern') return;
      for (const part of id.properties) {
        if (part.type === 'Property') add(CALLS[`${nameOf(init)}.${nameOf(part.key)}`], part);
      }
    },
    ImportSpecifier: (node) => {
      if (nameOf(node.imported) === 'randomUUID') add('randomness', node);
    },
    NewExpression: (node) => {
      if (nameOf(node.callee) === 'Date' && node.arguments.length === 0) add('clock', node);
    },
    ImportDeclaration: (node) => {
      const names = node.specifiers.map((each) =>
        'imported' in each ? nameOf(each.imported) : '',
      );
      if (/^(node:)?process$/.test(node.source.value) && names.includes('env'))
        add('process.env', node);
    },
  };
}

function exportsInto({ marks }: Source, lineAt: LineAt): VisitorObject {
  return {
    ExportDefaultDeclaration: (node) => {
      marks.push({ kind: 'default export', line: lineAt(node.start) });
    },
    ExportSpecifier: (node) => {
      if (nameOf(node.exported) === 'default')
        marks.push({ kind: 'default export', line: lineAt(node.start) });
    },
  };
}

/** The last name of an expression: `env` of `env`, `'env'` and `globalThis.process.env`. */
function nameOf(
  node: { type: string; name?: unknown; value?: unknown; property?: unknown } | null,
): string {
  if (node === null) return '';
  if (node.type === 'Identifier') return String(node.name);
  if (node.type === 'Literal') return String(node.value);
  const { property } = node;
  return isNode(property) ? nameOf(property) : '';
}

function isNode(value: unknown): value is { type: string } {
  return typeof value === 'object' && value !== null && 'type' in value;
}
