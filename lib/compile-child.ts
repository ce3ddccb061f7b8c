// The program of a compiler process (`isolate`): a module comes on standard input, its code goes to standard output.
import { compileForParent } from './native.js';

const [allocation = '', maxMemoryBytes = ''] = process.argv.slice(-2);
process.exitCode = compileForParent(allocation, Number(maxMemoryBytes));
