import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drawRooms, sourcesOf } from '../test/architecture/draw-rooms.ts';

/** Writes docs/pictures/rooms.svg from the imports of the code as it is: `npm run picture`. */
const root = fileURLToPath(new URL('..', import.meta.url));
writeFileSync(`${root}docs/pictures/rooms.svg`, drawRooms(sourcesOf(root)));
