// Moves the clock of a process, as that of a machine that is wrong.
const skew = Number(process.env.CLOCK_SKEW_MS ?? 0);
const RealDate = Date;

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + skew] : given));
  }

  static now() {
    return RealDate.now() + skew;
  }
};
