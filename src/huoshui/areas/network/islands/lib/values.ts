/** What the layers of other areas carry, read carefully: pure, so that it is tested without a map. */
import type * as GeoJSON from "geojson";
import { number } from "@ui/format";
import type { LiveItem } from "@ui/live";

/** Telemetry's numbers of quality. */
export const MISSING = 4;

export interface Reading {
  key: string;
  label: string;
  text: string;
  value: number | null;
  unit: string;
  decimals: number;
  quality: number;
  alarm: boolean;
  sign: string;
  rank: number;
  size: number;
  colour: string;
  href: string;
  note: string;
}

/** What is labelled first and from afar, if the layer does not say: flows before pressures before meters. */
const RANKS: Record<string, number> = { flow: 0, level: 0, leak: 0, job: 0, pressure: 1, use: 3 };

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const finite = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

/** How a value is written on the map: with its unit, or a dash where there is none. */
export function shownValue(value: number | null, unit: string, decimals: number): string {
  return value === null ? "–" : `${number(value, decimals)}${unit ? ` ${unit}` : ""}`;
}

/** Read a feature's properties; what is missing becomes what is harmless. */
export function readingOf(properties: GeoJSON.GeoJsonProperties, at: number): Reading {
  const given = properties ?? {};
  const sign = text(given.sign) || text(given.kind);
  const value = finite(given.value);
  const unit = text(given.unit);
  const decimals = finite(given.decimals) ?? 1;
  const quality = finite(given.quality) ?? (("value" in given && value === null) ? MISSING : 0);
  return {
    key: text(given.key) || text(given.code) || String(at),
    label: text(given.label) || text(given.name) || text(given.title),
    text: text(given.text) || ("value" in given ? shownValue(value, unit, decimals) : ""),
    value, unit, decimals, quality, sign,
    alarm: given.alarm === true,
    rank: finite(given.rank) ?? RANKS[sign] ?? 1,
    size: Math.min(1, Math.max(0, finite(given.size) ?? 0.5)),
    colour: text(given.colour),
    href: text(given.href) || text(given.url),
    note: text(given.note),
  };
}

/** Take over a live item; tells whether what is shown changes. */
export function takeOver(reading: Reading, item: LiveItem): boolean {
  const value = "value" in item ? finite(item.value) : reading.value;
  const quality = finite(item.quality) ?? (value === null ? MISSING : 0);
  const shown = text(item.text) || shownValue(value, reading.unit, reading.decimals);
  const alarm = "alarm" in item ? item.alarm === true : reading.alarm;
  const changed = shown !== reading.text || quality !== reading.quality || alarm !== reading.alarm;
  reading.alarm = alarm;
  reading.value = value;
  reading.quality = quality;
  reading.text = shown;
  return changed;
}
