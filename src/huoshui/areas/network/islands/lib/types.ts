/** What the pages give to the maps of the network (`web/props.py`, `small_map.py`). */
import type * as GeoJSON from "geojson";

export interface Entry {
  colour: string;
  label: string;
  shape: string;
}

export interface LayerGiven {
  id: string;
  label: string;
  kind: "points" | "pulses" | "areas";
  url: string;
  stream: string | null;
  shown: boolean;
  refresh_s: number | null;
  legend: Entry[];
}

export interface ColoringGiven {
  id: string;
  label: string;
  unit: string;
  url: string;
  breaks: number[];
  decimals: number;
  refresh_s: number;
}

/** Diameter, material, year, and how many pipes have them. */
export type Count = [diameter_mm: number | null, material: string, laid_year: number | null, pipes: number];

export interface BaseProps {
  tiles: { url: string; zoom_min: number; zoom_max: number };
  bounds: [number, number, number, number] | null;
  zones_url: string;
  asset_url: string;
  page_url: string;
  kinds: Record<string, string>;
  materials: Record<string, string>;
  diameter_breaks_mm: number[];
  age_breaks_years: number[];
  this_year: number;
}

export interface MapProps extends BaseProps {
  search_url: string;
  trace_url: string;
  past_url: string;
  connection_url: string;
  counts: Count[];
  layers: LayerGiven[];
  colorings: ColoringGiven[];
}

export interface SmallMapProps extends BaseProps {
  focus?: { id: number; code: string; kind: string };
  zone?: string;
  spot?: [lon: number, lat: number];
  features?: GeoJSON.Feature[];
}

export interface AssetGiven {
  id: number;
  code: string;
  kind: string;
  name: string;
  zone: string | null;
  lon: number | null;
  lat: number | null;
  line: [number, number][];
  start: string | null;
  end: string | null;
  length_m: number | null;
  diameter_mm: number | null;
  material: string | null;
  laid_year: number | null;
  elevation_m: number | null;
  url: string;
}

export interface FoundGiven {
  id: number;
  code: string;
  name: string;
  kind: string;
  lon: number;
  lat: number;
  url: string;
}
