import { Option } from 'commander';

export function precisionOption(): Option {
  return new Option('--precision <unit>', 'of timestamps in files that do not name theirs (default: s)').choices([
    'ns',
    'us',
    'ms',
    's',
    'm',
    'h',
  ]);
}
