/** Collects the timers that a sink starts, to clear them when its process is killed. */
export function catchTimers(timers: Set<NodeJS.Timeout>): () => void {
  const { setInterval } = globalThis;
  const caught = (...args: Parameters<typeof setInterval>) => {
    const timer = setInterval(...args);
    timers.add(timer);
    return timer;
  };
  globalThis.setInterval = caught as typeof setInterval;
  return () => {
    globalThis.setInterval = setInterval;
  };
}
