// What says why there is no `crypto`. If the global were missing, libraries would fall back to something weaker, or fail in their own
// words.

const { refuseRandom } = engine;

function refused(name) {
  return {
    [name]() {
      refuseRandom(
        `a plugin has no crypto.${name}, because the same context must always get the same result; ` +
          'the server can put random values into the context',
      );
    },
  }[name];
}

engine.define({ crypto: { getRandomValues: refused('getRandomValues'), randomUUID: refused('randomUUID') } });
