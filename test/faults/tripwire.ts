/** The death of a simulated process: whatever unwinds through it can do nothing more. */
export class Crash extends Error {
  constructor(at: string) {
    super(`killed ${at}`);
    this.name = 'Crash';
  }
}

/** `midway`: where the effect can be half done. */
export type When = 'before' | 'midway' | 'after';
export type Fault = { at: number; when: When };
/**
 * A place where a process can die, by the order in which it came; `torn`: it can die midway too.
 */
export type Point = { name: string; torn: boolean };

/** One life of a process: it counts its effects, and dies at the one it is told to. */
export type Tripwire = {
  readonly points: Point[];
  readonly isDead: boolean;
  readonly signal: AbortSignal;
  /** Does the effect, unless the process is dead or dies here; `torn` leaves it half done. */
  effect<T>(name: string, work: () => Promise<T>, torn?: () => Promise<unknown>): Promise<T>;
  /**
   * An effect in two halves, for those that a library ends: throws where the process dies before
   * it; call `done` once it is.
   */
  begin(name: string): { done(): void };
};

/** A process that dies at `fault`, or lives on where there is none. */
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
      // An effect that fails is followed by death too: a temporary file's name may be taken by an
      // earlier life.
      const result = await work().finally(() => {
        if (when === 'after') die(name, when);
      });
      // Another effect, side by side with this one, may have been the last.
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
