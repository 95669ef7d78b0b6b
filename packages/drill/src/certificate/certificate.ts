/** What a drill proved: everything came back; something is missing, damaged or different; or that could not be judged. */
export type Verdict = 'PASS' | 'FAIL' | 'INCONCLUSIVE';

/** How a backup gets into a server: as shards through its snapshot service, or as lines through its HTTP API. */
export type Route = 'native' | 'write';

/** The parts of a drill whose time is measured, in their order. */
export type Phase = 'ledgers' | 'server' | 'plan' | 'restore' | 'verify' | 'remove';

/** What of one database and policy was restored, by their names in the backup. */
export interface CertifiedPartition {
  readonly database: string;
  /** `''` is the default policy. */
  readonly retentionPolicy: string;
  readonly files: number;
  readonly bytes: number;
}

/** What the throwaway server held of one database and policy in the end, by their names there. */
export interface CertifiedContent {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly points: number;
  /** Equal content has an equal digest, on every server and in every drill. */
  readonly digest: string;
}

/** The machine that did the work. Drills of one kind of machine predict each other. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly arch: string;
}

/** How long a restore will take, or why that cannot be said. */
export type Forecast =
  | {
      /** Listing and restoring, without a comparison. */
      readonly seconds: number;
      /** The number of drills that it is based on. */
      readonly drills: number;
      /** What part of it the largest of them restored, from 0 to 1 or more. */
      readonly largestShare: number;
      /** When the newest of them began, RFC 3339. */
      readonly newest: string;
      /** The processor of the machine that they ran on. */
      readonly cpu: string;
      /** True if that is another kind of machine than this one. */
      readonly isOtherMachine: boolean;
    }
  | { readonly withheld: string };

/** The signature of a certificate. */
export interface Signature {
  readonly algorithm: 'Ed25519';
  /** The public key as SPKI in DER, in base64. */
  readonly publicKey: string;
  /** The signature of the digest's text, in base64. */
  readonly value: string;
}

/** What a certificate says, without what proves it. Times are RFC 3339 in UTC, and sizes are bytes as stored, compressed. */
export interface CertifiedDrill {
  readonly format: 'ceres-drill';
  readonly version: 1;
  readonly id: string;
  readonly instance: string;
  readonly verdict: Verdict;
  /** Why it is no PASS; empty for one. */
  readonly reasons: readonly string[];
  readonly began: string;
  readonly ended: string;
  readonly restored: {
    /** The id of the plan. */
    readonly plan: string;
    /** The key of the newest file that was restored. */
    readonly newest: string;
    readonly files: number;
    readonly bytes: number;
    /** The records that were stored; `null` if the restore did not end. */
    readonly lines: number | null;
    readonly partitions: readonly CertifiedPartition[];
    /** `null` if the whole backup was restored. */
    readonly sample: {
      readonly percent: number;
      readonly databases: readonly string[];
      /** The UTC days of the files, YYYYMMDD, the last one included; `null` if all days were taken. */
      readonly firstDay: string | null;
      readonly lastDay: string | null;
    } | null;
  };
  /** The whole backup at that moment. */
  readonly whole: { readonly files: number; readonly bytes: number; readonly lines: number };
  /** What was compared, and how; `null` if it did not come to that. */
  readonly verified: {
    readonly level: 'content';
    readonly by: 'snapshot' | 'queries';
    readonly outcome: string;
    readonly points: number;
    readonly contents: readonly CertifiedContent[];
  } | null;
  /** What the ledgers say of the whole backup. */
  readonly ledgers: {
    readonly sinks: number;
    readonly seeds: number;
    readonly findings: readonly string[];
    readonly accepted: readonly string[];
  };
  /** What would be lost if the server died when the drill began (RPO). */
  readonly dataAtRisk: {
    /** Everything that was acked before is in the backup; `null` if no ledger says so. */
    readonly storedUpTo: string | null;
    readonly seconds: number | null;
    readonly openFiles: number;
    readonly spooledFiles: number;
    readonly refusedFiles: number;
  };
  /** How long it took to have the data back (RTO): listing and restoring, without the comparison. */
  readonly recovery: {
    readonly route: Route | null;
    readonly seconds: number | null;
    /** The same for the whole backup, on this machine and by this route. */
    readonly forecast: Forecast;
  };
  readonly seconds: Readonly<Partial<Record<Phase, number>>> & { readonly total: number };
  readonly versions: { readonly ceres: string; readonly node: string; readonly influxdb: string | null };
  readonly machine: Machine;
}

/** A certificate: what a drill did and found, with a digest, and a signature if a key was given. */
export interface Certificate extends CertifiedDrill {
  /** `sha256:` and the hexadecimal digest of everything before, as canonical JSON. */
  readonly digest: string;
  /** `null` if no key was given. */
  readonly signature: Signature | null;
}
