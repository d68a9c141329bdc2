import {
  CST,
  type Node,
  type Document as YamlDocument,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  parseDocument,
} from 'yaml';
import { type Document, MOST_DEPTH, type SyntaxFault } from './document.ts';
import { messageOf, type Path, pathText } from '../shape/faults.ts';

/**
 * More aliases than any configuration needs. Nested aliases are expanded, so that a few lines could
 * exhaust memory.
 */
const MOST_ALIASES = 100;
/** The maximum indentation of a line, including list dashes. */
const MOST_INDENT = 200;

/**
 * Reads YAML 1.2 with the offset of every key. A document without content, such as one with only
 * comments, is an empty object.
 */
export function readYaml(text: string): Document {
  const limit = limitFault(text);
  if (limit !== undefined) return { value: undefined, offsets: new Map(), faults: [limit] };
  // Pretty errors quote the line, which may contain a password.
  const yaml = parseDocument(text, { prettyErrors: false });
  const faults = [...yaml.errors, ...yaml.warnings].map(({ pos, message }) => ({
    offset: pos[0],
    message,
  }));
  const document: Document = { value: undefined, offsets: new Map(), faults };
  if (faults.length > 0) return document;
  try {
    document.value = yaml.contents === null ? {} : (yaml.toJS() ?? {});
  } catch (error) {
    faults.push({ offset: 0, message: messageOf(error) });
    return document;
  }
  locate({ document, yaml, within: [] }, yaml.contents, []);
  return document;
}

/**
 * Finds nesting and aliases beyond the limits, in one pass over the tokens. The parser recurses.
 */
function limitFault(text: string): SyntaxFault | undefined {
  const seen = { flow: 0, marks: 0, indent: 0, aliases: 0, leads: true };
  let offset = 0;
  let isText = false;
  for (const token of new Lexer().lex(text)) {
    const type: string = isText ? 'text' : (CST.tokenType(token) ?? 'text');
    isText = type === 'scalar';
    // These tokens are markers, not characters of the text.
    if (type === 'scalar' || type === 'doc-mode' || type === 'flow-error-end') continue;
    count(seen, type, token.length);
    if (Math.max(seen.flow, seen.marks) > MOST_DEPTH || seen.indent > MOST_INDENT)
      return { offset, message: `is nested more than ${MOST_DEPTH} levels deep` };
    if (seen.aliases > MOST_ALIASES)
      return { offset, message: `has more than ${MOST_ALIASES} aliases (*name)` };
    offset += token.length;
  }
  return undefined;
}

type Seen = { flow: number; marks: number; indent: number; aliases: number; leads: boolean };

function count(seen: Seen, type: string, length: number): void {
  if (type === 'newline') return void Object.assign(seen, { marks: 0, indent: 0, leads: true });
  const isMark = type === 'seq-item-ind' || type === 'explicit-key-ind';
  if (isMark) seen.marks += 1;
  if (!isMark && type !== 'space') seen.leads = false;
  if (seen.leads) seen.indent += length;
  if (type === 'flow-map-start' || type === 'flow-seq-start') seen.flow += 1;
  if (type === 'flow-map-end' || type === 'flow-seq-end') seen.flow -= 1;
  if (type === 'alias') seen.aliases += 1;
}

type Locating = { document: Document; yaml: YamlDocument; within: readonly unknown[] };

function locate({ document, yaml, within }: Locating, node: unknown, path: Path): void {
  const below = { document, yaml, within: [...within, node] };
  if (isAlias(node)) {
    const named = node.resolve(yaml);
    if (!within.includes(named)) return locate(below, named, path);
    const message = 'is an alias of a node that contains it';
    document.faults.push({ offset: node.range?.[0] ?? 0, message });
    document.value = undefined;
  }
  if (isMap(node))
    for (const { key, value } of node.items) {
      const at = [...path, String(isScalar(key) ? key.value : key)];
      if (isNode(key)) mark(document, key, at);
      locate(below, value, at);
    }
  if (isSeq(node))
    node.items.forEach((item, index) => {
      if (isNode(item)) mark(document, item, [...path, index]);
      locate(below, item, [...path, index]);
    });
}

function mark(document: Document, node: Node, path: Path): void {
  if (node.range) document.offsets.set(pathText(path), node.range[0]);
}
