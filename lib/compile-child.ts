// The program of a compiler process (`isolate`): it greets, a module comes on standard input, and its code goes to
// standard output.
import { closeInherited } from './inherited-files.js';
import { compileForParent } from './native.js';

const [allocation = '', parent = ''] = process.argv.slice(-2);
closeInherited(Number(parent));
process.exitCode = compileForParent(allocation, Number(parent));
