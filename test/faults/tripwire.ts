/** The death of a simulated process: code that it unwinds through can have no further effect. */
export class Crash extends Error {
  constructor(at: string) {
    super(`killed ${at}`);
    this.name = 'Crash';
  }
}

/** `midway`: if the effect can be half done. */
export type When = 'before' | 'midway' | 'after';
export type Fault = { at: number; when: When };
/** A point at which a process can die, numbered in order; `torn`: it can die midway too. */
export type Point = { name: string; torn: boolean };

/** One life of a process: it counts its effects, and dies at the given one. */
export type Tripwire = {
  readonly points: Point[];
  readonly isDead: boolean;
  readonly signal: AbortSignal;
  /** Performs the effect, unless the process is dead or dies here; `torn` leaves it half done. */
  effect<T>(name: string, work: () => Promise<T>, torn?: () => Promise<unknown>): Promise<T>;
  /**
   * An effect in two halves, for effects that a library completes: throws if the process dies
   * before it; call `done` after it.
   */
  begin(name: string): { done(): void };
};

/** A process that dies at `fault`, or never without one. */
export function tripwire(fault?: Fault): Tripwire {
  const points: Point[] = [];
  const death = new AbortController();

  function die(name: string, when: When): never {
    const crash = new Crash(`${when} ${name}`);
    death.abort(crash);
    throw crash;
  }
  function arrive(name: string, torn: boolean): When | undefined {
    if (death.signal.aborted) throw death.signal.reason;
    const at = points.push({ name, torn }) - 1;
    return fault?.at === at ? fault.when : undefined;
  }

  return {
    points,
    get isDead() {
      return death.signal.aborted;
    },
    signal: death.signal,
    async effect(name, work, torn) {
      const when = arrive(name, torn !== undefined);
      if (when === 'before') die(name, when);
      if (when === 'midway') {
        await torn?.();
        die(name, when);
      }
      // A failed effect is followed by death too: an earlier life may have used the same temporary
      // file name.
      const result = await work().finally(() => {
        if (when === 'after') die(name, when);
      });
      // A concurrent effect may have been the last.
      if (death.signal.aborted) throw death.signal.reason;
      return result;
    },
    begin(name) {
      const when = arrive(name, false);
      if (when !== undefined && when !== 'after') die(name, when);
      return {
        done: () => {
          if (when === 'after') die(name, when);
        },
      };
    },
  };
}

/** Every way to die at the points of a life. */
export const faultsAt = (points: readonly Point[]): Fault[] =>
  points.flatMap(({ torn }, at) =>
    (torn ? (['before', 'midway', 'after'] as const) : (['before', 'after'] as const)).map(
      (when) => ({ at, when }),
    ),
  );
