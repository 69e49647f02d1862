/**
 * Numbers and moments as the pages show them: the reader's language, the city's clock.
 * The same rules as `formats.py`.
 */
import { language, timeZone } from "./page";
import { t } from "./i18n";

export const NOTHING = "–";

type Moment = Date | number | string;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(zone, found);
  }
  return found;
}

function asDate(at: Moment): Date {
  return at instanceof Date ? at : new Date(at);
}

/** A moment's calendar and clock in the city. */
export function parts(at: Moment, zone = timeZone()): Parts {
  const found: Record<string, number> = {};
  for (const part of formatter(zone).formatToParts(asDate(at))) found[part.type] = Number(part.value);
  return found as unknown as Parts;
}

const two = (n: number) => String(n).padStart(2, "0");

/** 2026-03-01, or 1 Mar 2026. */
export function day(at: Moment): string {
  const p = parts(at);
  return language() === "zh"
    ? `${p.year}-${two(p.month)}-${two(p.day)}`
    : `${p.day} ${MONTHS[p.month - 1]} ${p.year}`;
}

/** A day of these weeks without its year: 03-01, or 1 Mar. */
export function shortDay(at: Moment, zone = timeZone()): string {
  const p = parts(at, zone);
  return language() === "zh" ? `${two(p.month)}-${two(p.day)}` : `${p.day} ${MONTHS[p.month - 1]}`;
}

/** 18:05 */
export function clock(at: Moment, seconds = false): string {
  const p = parts(at);
  return `${two(p.hour)}:${two(p.minute)}${seconds ? `:${two(p.second)}` : ""}`;
}

/** A day with its time to the minute. */
export function moment(at: Moment, seconds = false): string {
  return `${day(at)} ${clock(at, seconds)}`;
}

/** A number with separated thousands and, if given, a fixed count of decimals. */
export function number(value: number | null | undefined, decimals?: number): string {
  if (value == null || Number.isNaN(value)) return NOTHING;
  const digits =
    decimals == null
      ? { maximumSignificantDigits: 10 }
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat("en-US", digits).format(value).replace("-", "−");
}

/** A number with its unit. */
export function quantity(value: number | null | undefined, unit: string, decimals?: number): string {
  const shown = number(value, decimals);
  return shown === NOTHING || !unit ? shown : `${shown} ${unit}`;
}

/** How long, in its two largest units. */
export function duration(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  const amounts: [number, string][] = [
    [Math.floor(whole / 86400), t("{n} d")],
    [Math.floor(whole / 3600) % 24, t("{n} h")],
    [Math.floor(whole / 60) % 60, t("{n} min")],
    [whole % 60, t("{n} s")],
  ];
  const largest = amounts.findIndex(([n]) => n > 0);
  if (largest < 0) return t("{n} s", { n: 0 });
  return amounts
    .slice(largest, largest + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => unit.replace("{n}", String(n)))
    .join(" ");
}

/**
 * Shift a moment so that reading it in UTC gives the city's clock.
 *
 * Charts know only the browser's zone and UTC; with shifted moments and UTC their axes show the
 * city's days and hours to a reader anywhere. The offset is looked up once per hour of data.
 */
export function zoneShifter(zone = timeZone()): (ms: number) => number {
  const offsets = new Map<number, number>();
  return (ms) => {
    const hour = Math.floor(ms / 3_600_000);
    let offset = offsets.get(hour);
    if (offset === undefined) {
      const at = hour * 3_600_000;
      const p = parts(at, zone);
      offset = Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - at;
      offsets.set(hour, offset);
    }
    return ms + offset;
  };
}

/** The way back from `zoneShifter`: from a place on the chart's axis to the real moment. */
export function zoneUnshifter(zone = timeZone()): (ms: number) => number {
  const shift = zoneShifter(zone);
  return (shifted) => {
    const guess = shifted - (shift(shifted) - shifted);
    return shifted - (shift(guess) - guess);
  };
}
