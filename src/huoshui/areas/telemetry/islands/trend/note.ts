/** What is said below the chart: the period, and how many readings or which means are drawn. */
import { duration, moment, number } from "@ui/format";
import { t } from "@ui/i18n";
import { type Line, readingsIn, stepMs } from "./columns";

export function noteOf(lines: readonly Line[], from_ms: number, until_ms: number): string {
  const period = `${moment(from_ms)} – ${moment(until_ms)}`;
  if (!lines.length) return period;
  const counts = lines.map((line) => readingsIn(line, from_ms, until_ms));
  const counted = counts.every((count) => count !== null);
  const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  if (!total && counted) return `${period} · ${t("No readings in this period.")}`;
  const hourly = lines.find((line) => line.resolution === "hourly");
  if (hourly) {
    const span = duration(stepMs(hourly) / 1000);
    return `${period} · ${t("Means of {span}; the shaded range is the smallest and largest reading in it.", { span })}`;
  }
  return counted ? `${period} · ${t("{count} readings", { count: number(total, 0) })}` : period;
}
