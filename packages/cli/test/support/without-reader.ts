import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs the compiled command line as a process of its own whose stdout no one reads; with `ofErrors`, its stderr neither. */
export async function withoutReader(
  program: string,
  argv: readonly string[],
  { ofErrors = false } = {},
): Promise<{ readonly exitCode: number; readonly stderr: string }> {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  if (ofErrors) child.stderr.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [exitCode] = await once(child, 'close');
  return { exitCode, stderr };
}
