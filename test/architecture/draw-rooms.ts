import { readdirSync, readFileSync } from 'node:fs';
import { RANKS, target } from './arrow.ts';
import { readSource, type Source } from './source.ts';

type Room = { name: string; rank: number };
type Box = Room & { x: number; y: number };

/** One line about each room. A room without one is an error, so that no picture lacks it. */
const ABOUT: Readonly<Record<string, string>> = {
  medallion: 'the rules, as SQL text',
  fx: 'exchange rates',
  lake: 'ledger, plan, ports',
  catalog: 'views and Glue tables',
  engines: 'DuckDB, Spark',
  stores: 'folder, S3',
  warehouses: 'serving databases',
  config: 'configuration files',
  'state-machine': 'states and local host',
  cli: 'the command line',
  lambda: 'functions of the states',
  cdk: 'the AWS stack',
};

/** `errors.ts` may be imported by every room, and `index.ts` only exports. */
const HIDDEN = new Set(['errors.ts', 'index.ts']);
const STACK = 'cdk';

const BOX = { width: 140, height: 42 };
const STEP = { x: 92, y: 52 };
const MARGIN = { x: 24, top: 92, bottom: 44 };
const PAD = 5;
/** Radius of a pair's dot by its number of imports. Few sizes keep the picture stable. */
const DOTS = [
  { from: 36, radius: 7.5 },
  { from: 6, radius: 5.5 },
  { from: 1, radius: 3.5 },
];

/** The shipped TypeScript files below `src` and `cdk` of the project at `root`, in order. */
export const sourcesOf = (root: string): Source[] =>
  ['src', 'cdk']
    .flatMap((top) =>
      readdirSync(root + top, { recursive: true, encoding: 'utf8' }).map(
        (name) => `${top}/${name.replaceAll('\\', '/')}`,
      ),
    )
    .filter((path) => /\.tsx?$/.test(path) && !/\.(test|conformance|fixture)\.tsx?$/.test(path))
    .toSorted()
    .map((path) => readSource(path, readFileSync(root + path, 'utf8')));

/**
 * The rooms of the code as an SVG picture: rooms on a diagonal in the order of the arrow, and a dot
 * for each pair of rooms of which one imports the other. Rooms of one rank share a shaded square.
 * The same imports give the same text.
 */
export function drawRooms(sources: readonly Source[]): string {
  const boxes = placed(roomsOf(sources));
  const width = Math.max(...boxes.map(({ x }) => x)) + BOX.width + MARGIN.x;
  const height = Math.max(...boxes.map(({ y }) => y)) + BOX.height + MARGIN.bottom;
  const pairs = pairsOf(sources, boxes);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Rooms of the code and the imports between them" font-family="system-ui, sans-serif">
<style>
  .page { fill: #ffffff; } .rank { fill: #ddf4ff; } .room { fill: #f6f8fa; stroke: #8c959f; } .name { fill: #1f2328; font-size: 14px; font-weight: 600; } .about, .note { fill: #59636e; font-size: 11px; }
  .title { fill: #1f2328; font-size: 13px; } .line { fill: none; stroke: #afb8c1; stroke-width: 1.2; } .dot { fill: #0969da; } .head { fill: #59636e; }
  @media (prefers-color-scheme: dark) { .page { fill: #0d1117; } .rank { fill: #121d2f; } .room { fill: #161b22; stroke: #6e7681; } .name, .title { fill: #f0f6fc; } .about, .note { fill: #9198a1; } .line { stroke: #6e7681; } .dot { fill: #4493f8; } .head { fill: #9198a1; } }
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>
<rect class="page" width="${width}" height="${height}"/>
<text class="title" x="${MARGIN.x}" y="30">A room imports only from rooms above it. Follow a line up from a room: each dot is a room that it imports, at the left end of the row.</text>
<text class="title" x="${MARGIN.x}" y="50">The larger the dot, the more imports. Rooms in one shaded square have the same rank and do not import one another.</text>
${ranksOf(boxes).join('\n')}
${linesOf(boxes, pairs).join('\n')}
${pairs.map(dot).join('\n')}
${boxes.map(drawn).join('\n')}
<text class="note" x="${MARGIN.x}" y="${height - 14}">Drawn from the imports by npm run picture. errors.ts, which every room may import, is left out.</text>
</svg>
`;
}

type Pair = { from: Box; to: Box; count: number };

const roomOf = (path: string): string =>
  path.startsWith(`${STACK}/`) ? STACK : (path.split('/')[1] ?? '');

function roomsOf(sources: readonly Source[]): Room[] {
  const last = Math.max(...Object.values(RANKS)) + 1;
  const names = [...new Set(sources.map(({ path }) => roomOf(path)))];
  return names
    .filter((name) => !HIDDEN.has(name))
    .map((name) => ({ name, rank: name === STACK ? last : (RANKS[name] ?? 0) }))
    .toSorted((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
}

const placed = (rooms: readonly Room[]): Box[] =>
  rooms.map((room, index) => ({
    ...room,
    x: MARGIN.x + index * STEP.x,
    y: MARGIN.top + index * STEP.y,
  }));

function pairsOf(sources: readonly Source[], boxes: readonly Box[]): Pair[] {
  const counts = new Map<string, number>();
  for (const { path, imports } of sources)
    for (const { specifier } of imports) {
      const to = target(path, specifier);
      if (to === undefined || !/^(?:src|cdk)\//.test(to)) continue;
      const pair = `${roomOf(path)}>${roomOf(to)}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  return boxes.flatMap((from) =>
    boxes.flatMap((to) => {
      const count = from === to ? 0 : (counts.get(`${from.name}>${to.name}`) ?? 0);
      return count === 0 ? [] : [{ from, to, count }];
    }),
  );
}

const middle = ({ x, y }: Box) => ({ x: x + BOX.width / 2, y: y + BOX.height / 2 });

/** A line up from each room that imports, and one to the right of each room that is imported. */
function linesOf(boxes: readonly Box[], pairs: readonly Pair[]): string[] {
  return boxes.flatMap((box) => {
    const { x, y } = middle(box);
    const above = pairs.filter(({ from }) => from === box).map(({ to }) => middle(to).y);
    const right = pairs.filter(({ to }) => to === box).map(({ from }) => middle(from).x);
    return [
      ...(above.length === 0
        ? []
        : [`<path class="line" d="M${x} ${box.y}V${Math.min(...above)}"/>`]),
      ...(right.length === 0
        ? []
        : [
            `<path class="line" d="M${Math.max(...right)} ${y}H${box.x + BOX.width + 1}" marker-end="url(#head)"/>`,
          ]),
    ];
  });
}

function dot({ from, to, count }: Pair): string {
  const radius = DOTS.find((size) => count >= size.from)?.radius;
  return `<circle class="dot" cx="${middle(from).x}" cy="${middle(to).y}" r="${radius}"><title>${from.name} imports from ${to.name}</title></circle>`;
}

/** A shaded square around the rooms of each rank that has several. */
function ranksOf(boxes: readonly Box[]): string[] {
  return [...new Set(boxes.map(({ rank }) => rank))].flatMap((rank) => {
    const group = boxes.filter((box) => box.rank === rank);
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined || first === last) return [];
    const width = last.x + BOX.width - first.x + 2 * PAD;
    const height = last.y + BOX.height - first.y + 2 * PAD;
    return [
      `<rect class="rank" x="${first.x - PAD}" y="${first.y - PAD}" width="${width}" height="${height}" rx="10"/>`,
    ];
  });
}

function drawn(box: Box): string {
  const about = ABOUT[box.name];
  if (about === undefined)
    throw new Error(`The room ${box.name} has no line in ABOUT (test/architecture/draw-rooms.ts).`);
  const { x } = middle(box);
  return `<g text-anchor="middle"><rect class="room" x="${box.x}" y="${box.y}" width="${BOX.width}" height="${BOX.height}" rx="8"/><text class="name" x="${x}" y="${box.y + 18}">${box.name}</text><text class="about" x="${x}" y="${box.y + 34}">${about}</text></g>`;
}
