import hookcell = require('hookcell');
import testing = require('hookcell/testing');

export function narrowed(result: hookcell.PluginResult<{ email: string }>): string {
  testing.assertAccepted(result);
  return result.ctx.input.email;
}
