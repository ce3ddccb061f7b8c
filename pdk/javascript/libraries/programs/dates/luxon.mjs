import { DateTime, Duration, Interval } from 'luxon';

export const library = 'luxon';
export const inputs = ['2024-01-31T10:20:30Z', '2024-W09-4', 'no date'];

export function use(input) {
  const date = DateTime.fromISO(input, { zone: 'utc' });
  return {
    valid: date.isValid,
    text: date.toFormat('yyyy-LL-dd HH:mm:ss ZZ'),
    month: date.plus({ months: 1 }).endOf('month').toISO(),
    duration: Duration.fromObject({ hours: 26, minutes: 5 }).shiftTo('days', 'hours', 'minutes').toISO(),
    interval: Interval.fromDateTimes(DateTime.utc(2024, 1, 1), DateTime.utc(2024, 3, 1)).length('days'),
  };
}
