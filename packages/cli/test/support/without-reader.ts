import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Runs `ceres` as a process of its own whose stdout no one reads; with `ofErrors`, its stderr neither. */
export async function withoutReader(
  argv: readonly string[],
  { ofErrors = false } = {},
): Promise<{ readonly exitCode: number; readonly stderr: string }> {
  const loader = ['--conditions=@ceres/source', '--import', import.meta.resolve('tsx')];
  const child = spawn(process.execPath, [...loader, main, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  if (ofErrors) child.stderr.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [exitCode] = await once(child, 'close');
  return { exitCode, stderr };
}
