import { addMonths, differenceInCalendarDays, format, formatDistance, getISOWeek, parse, startOfWeek } from 'date-fns';
import { de } from 'date-fns/locale';

export const library = 'date-fns';
export const inputs = ['2024-01-31T10:20:30Z', '1999-12-31T23:59:59.999Z', '2024-02-29T00:00:00Z'];

export function use(input) {
  const date = new Date(input);
  return {
    text: format(date, "EEEE, do MMMM yyyy 'at' HH:mm:ss.SSS xxx"),
    german: format(date, 'PPPP', { locale: de }),
    next: addMonths(date, 1),
    week: [getISOWeek(date), startOfWeek(date, { weekStartsOn: 1 })],
    days: differenceInCalendarDays(date, new Date('2000-01-01T00:00:00Z')),
    distance: formatDistance(date, new Date('2024-03-01T00:00:00Z'), { addSuffix: true }),
    parsed: parse('31.12.2023 05:06', 'dd.MM.yyyy HH:mm', date),
  };
}
