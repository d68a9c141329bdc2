import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { drawRooms, sourcesOf } from './draw-rooms.ts';
import { readSource } from './source.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const picture = `${root}docs/pictures/rooms.svg`;

test('the committed picture of the rooms is the one that the imports give', () => {
  const committed = readFileSync(picture, 'utf8');
  expect(drawRooms(sourcesOf(root)), 'npm run picture draws it again').toBe(committed);
});

test('an import between two rooms is a dot, one within a room is not', () => {
  const svg = drawRooms([
    readSource('src/lake/a.ts', `import './b.ts'; import '../medallion/c.ts';`),
    readSource('src/medallion/c.ts', ''),
  ]);
  expect(svg.match(/<title>[^<]*/g)).toEqual(['<title>lake imports from medallion']);
});

test('a room without a description is an error', () => {
  expect(() => drawRooms([readSource('src/attic/a.ts', '')])).toThrow('The room attic');
});
