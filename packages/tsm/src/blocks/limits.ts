/**
 * The most points that we accept in a block. influxd writes at most 1,000, its aggressive compaction 10,000 (1.9 to 1.12); a
 * damaged count must not make us allocate gigabytes.
 */
export const BLOCK_POINTS_MAX = 1_000_000;
