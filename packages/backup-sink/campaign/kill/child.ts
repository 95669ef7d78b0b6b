// Writes at full speed, and prints the number of every acked write, until it is killed. Arguments: the directory, the first number.
import { keepWriting, openSinkIn } from './writers';

const [directory = '', first = '0'] = process.argv.slice(2);
await keepWriting(await openSinkIn(directory, 64 * 1024), { first: Number(first), writersAtOnce: 32 });
