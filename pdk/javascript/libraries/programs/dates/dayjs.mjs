import dayjs from 'dayjs';
import duration from 'dayjs/plugin/duration.js';
import relativeTime from 'dayjs/plugin/relativeTime.js';
import utc from 'dayjs/plugin/utc.js';

dayjs.extend(utc);
dayjs.extend(duration);
dayjs.extend(relativeTime);

export const library = 'dayjs';
export const inputs = ['2024-01-31T10:20:30Z', '2024-02-29', 'no date'];

export function use(input) {
  const day = dayjs.utc(input);
  return {
    valid: day.isValid(),
    text: day.format('dddd DD MMM YYYY HH:mm:ss Z'),
    month: day.add(1, 'month').endOf('month').toJSON(),
    from: dayjs('2020-01-01').from(dayjs('2024-06-01')),
    duration: dayjs.duration(93_784_005).toISOString(),
  };
}
