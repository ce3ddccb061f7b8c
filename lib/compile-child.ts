// The program of a compiler process (`isolate`): it sends a greeting, reads a module from standard input, and writes the
// machine code to standard output.
import { closeInherited } from './process/inherited-files.js';
import { compileForParent } from './native.js';

const [allocation = '', parent = ''] = process.argv.slice(-2);
closeInherited(Number(parent));
process.exitCode = compileForParent(allocation, Number(parent));
