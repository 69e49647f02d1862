/** Colouring by figures of the moment: fetched while chosen, handed to the map as feature state. */
import type { Map as MapLibre } from "maplibre-gl";
import { getJson } from "@ui/fetch";
import { LINES, NETWORK } from "./style";
import type { ColoringGiven } from "./types";

interface Answer {
  values: Record<string, number | null>;
  at?: string | null;
}

export interface Moment {
  values: Map<number, number>;
  /** The moment of the figures, once there are some. */
  at(): string | null;
  stop(): void;
}

/** Start fetching; `changed` is called after each answer. */
export function watchMoment(map: MapLibre, given: ColoringGiven, changed: () => void): Moment {
  const values = new Map<number, number>();
  let stopped = false;
  let at: string | null = null;
  const load = async () => {
    if (document.hidden) return;
    try {
      const answer = await getJson<Answer>(given.url, { quiet: true });
      if (stopped) return;
      at = answer.at ?? null;
      values.clear();
      map.removeFeatureState({ source: NETWORK, sourceLayer: LINES });
      for (const [id, value] of Object.entries(answer.values)) {
        if (value === null || !Number.isFinite(value)) continue;
        values.set(Number(id), value);
        map.setFeatureState({ source: NETWORK, sourceLayer: LINES, id: Number(id) }, { v: value });
      }
      changed();
    } catch (error) {
      console.warn(`pipe colouring ${given.id}`, error);
    }
  };
  void load();
  const timer = window.setInterval(() => void load(), given.refresh_s * 1000);
  return {
    values,
    at: () => at,
    stop: () => {
      stopped = true;
      window.clearInterval(timer);
    },
  };
}
