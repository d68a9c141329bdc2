const BLANKS = ' \t\r\n';
const CLOSES: Record<string, string> = { '{': '}', '[': ']' };

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && BLANKS.includes(text.charAt(at))) at++;
  return at;
}

/** The end of a string that begins at a position; null if it has none. */
function endOfString(text: string, from: number, isOneLine: boolean): number | null {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '"') return at + 1;
    if (isOneLine && '\r\n'.includes(text.charAt(at))) return null;
    if (text[at] === '\\') at++;
  }
  return null;
}

/**
 * The end of the value that an opening bracket begins, by brackets and strings alone; null if they
 * do not match.
 */
function endOfBrackets(text: string, from: number, isAlone: boolean): number | null {
  const open: string[] = [];
  let isAfterObject = false;
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') {
      const end = endOfString(text, at, isAlone);
      if (end === null) return null;
      at = end - 1;
    } else if (char === ',') isAfterObject = false;
    else if (char in CLOSES) {
      // Alone, an object straight after an object is the next line.
      if (isAlone && isAfterObject && char === '{') return null;
      open.push(char);
      isAfterObject = false;
    } else if (char === '}' || char === ']') {
      if (CLOSES[open.pop() ?? ''] !== char) return null;
      isAfterObject = char === '}';
      if (open.length === 0) return at + 1;
    }
  }
  return null;
}

function endOfElement(text: string, from: number): number | null {
  const first = text.charAt(from);
  if (first === '"') return endOfString(text, from, false);
  if (first in CLOSES) return endOfBrackets(text, from, false);
  let at = from;
  while (at < text.length && !`${BLANKS},]`.includes(text.charAt(at))) {
    if ('"{[}'.includes(text.charAt(at))) return null;
    at++;
  }
  return at === from ? null : at;
}

/**
 * The elements of an array, split by brackets, strings and commas alone: an error inside an element
 * affects only that element. Null if it is not clear where each begins and ends.
 */
export function arrayElements(text: string): string[] | null {
  const elements: string[] = [];
  let at = afterBlanks(text, afterBlanks(text, 0) + 1);
  if (text[at] !== ']')
    for (;;) {
      const end = endOfElement(text, at);
      if (end === null) return null;
      elements.push(text.slice(at, end));
      at = afterBlanks(text, end);
      if (text[at] === ']') break;
      if (text[at] !== ',') return null;
      at = afterBlanks(text, at + 1);
    }
  return afterBlanks(text, at + 1) === text.length ? elements : null;
}

/** True if, by its brackets, the text is one object, however many lines it has. */
export function isOneObject(text: string): boolean {
  const from = afterBlanks(text, 0);
  if (text[from] !== '{') return false;
  const end = endOfBrackets(text, from, true);
  return end !== null && afterBlanks(text, end) === text.length;
}
