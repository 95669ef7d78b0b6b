// Writes until it is killed or loses its spool, prints the number of every acked write, and in the end the code of its error.
// Arguments: the directory, the first number.
import { SinkError } from '@ceres/backup-sink';
import { keepWriting, openSinkIn } from '../kill/writers';

const [directory = '', first = '0'] = process.argv.slice(2);
const pauseMs = 5; // Several rounds share the machine.

try {
  const sink = await openSinkIn(directory, 16 * 1024);
  await keepWriting(sink, { first: Number(first), writersAtOnce: 8, pauseMs });
} catch (error) {
  process.stdout.write(`${error instanceof SinkError ? error.code : error}\n`);
  process.exit();
}
