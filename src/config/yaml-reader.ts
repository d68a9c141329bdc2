import {
  type Node,
  type Document as YamlDocument,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
} from 'yaml';
import type { Document } from './document.ts';
import { messageOf, type Path, pathText } from './faults.ts';

/** YAML 1.2 with the place of every key. A document without content, such as one of comments alone, is an empty object. */
export function readYaml(text: string): Document {
  // Pretty errors quote the line, which may hold a password.
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
  }
  locate(document, yaml, yaml.contents, []);
  return document;
}

function locate(document: Document, yaml: YamlDocument, node: unknown, path: Path): void {
  if (isAlias(node)) locate(document, yaml, node.resolve(yaml), path);
  if (isMap(node))
    for (const { key, value } of node.items) {
      const below = [...path, String(isScalar(key) ? key.value : key)];
      if (isNode(key)) mark(document, key, below);
      locate(document, yaml, value, below);
    }
  if (isSeq(node))
    node.items.forEach((item, index) => {
      if (isNode(item)) mark(document, item, [...path, index]);
      locate(document, yaml, item, [...path, index]);
    });
}

function mark(document: Document, node: Node, path: Path): void {
  if (node.range) document.offsets.set(pathText(path), node.range[0]);
}
