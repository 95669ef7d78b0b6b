/** One step of a round. */
export type Step =
  | { readonly kind: 'write'; readonly point: number; readonly value: number; readonly policy?: string }
  // the server's default policy changes, while no write is in progress
  | { readonly kind: 'alter'; readonly to: string }
  // the sink learns the policies of the server, and so the name of the default one
  | { readonly kind: 'learn' };

/** What happens in one round. */
export interface Schedule {
  /** The default policy when the round begins. */
  readonly defaultPolicy: string;
  readonly steps: readonly Step[];
  /** How often the writer is killed. */
  readonly kills: number;
  /** The ways in which the writer writes: through `createTee`, or by HTTP through `createWriteHandler`. */
  readonly tee: 'createTee' | 'createWriteHandler';
  /** The largest number of writes in progress. */
  readonly inProgressMax: number;
  readonly segmentBytesMax: number;
  readonly segmentAgeMsMax: number;
  readonly lanes: number;
}

/** The policies of every round. Each keeps points forever. */
export const policies = ['autogen', 'rp_a', 'rp_b'];
/** So few points that most writes overwrite one. */
const points = 24;

/** Returns the schedule of a round. In a third of the rounds the name of the default policy is known, in a third never, and in a third from the middle on. */
export function makeSchedule(round: number, random: () => number): Schedule {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const writes = 200 + Math.floor(random() * 400);
  const learnAt = [0, Infinity, Math.floor(random() * writes)][round % 3] as number;
  // One spelling alone, all of them, or the two of one policy.
  const spelled = one([[undefined, ''], policies, [undefined, '', ...policies], [undefined, 'autogen'], ['', 'rp_a']]);
  const steps: Step[] = [];
  for (let value = 0; value < writes; value += 1) {
    if (value === learnAt) steps.push({ kind: 'learn' });
    // Without a name in the files, nothing could tell which points belong to which default policy.
    if (learnAt === 0 && random() < 0.01) steps.push({ kind: 'alter', to: one(policies) });
    const policy = one(random() < 0.8 ? spelled : [undefined, ...policies]);
    steps.push({ kind: 'write', point: Math.floor(random() * points), value, ...(policy !== undefined && { policy }) });
  }
  return {
    defaultPolicy: one(policies),
    steps,
    kills: Math.floor(random() * 3),
    tee: one(['createTee', 'createWriteHandler']),
    inProgressMax: one([1, 4, 32]),
    segmentBytesMax: one([1_024, 4_096, 65_536]),
    segmentAgeMsMax: one([50, 500, 10_000]),
    lanes: one([1, 2, 4, 8]),
  };
}

/** Returns the default policy before a step. */
export function defaultBefore({ defaultPolicy, steps }: Schedule, step: number): string {
  const altered = steps.slice(0, step).findLast((one) => one.kind === 'alter');
  return altered?.kind === 'alter' ? altered.to : defaultPolicy;
}
