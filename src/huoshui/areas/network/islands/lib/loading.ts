/** The sign that a map is still loading its network: at once at the start, later only when it takes a while. */
import type { Map as MapLibre } from "maplibre-gl";
import { t } from "@ui/i18n";
import { h } from "./dom";
import { NETWORK } from "./style";

const PATIENCE_MS = 300;

type Loads = Pick<MapLibre, "on" | "getSource" | "isSourceLoaded">;

/** Put the sign on a map's element; it looks after itself as long as the map lives. */
export function loadingSign(map: Loads, el: HTMLElement): HTMLElement {
  const sign = h("p", { class: "nw-loading", role: "status" }, t("Loading the network…"));
  el.append(sign);
  let due: ReturnType<typeof setTimeout> | undefined;
  const isLoaded = () => Boolean(map.getSource(NETWORK)) && map.isSourceLoaded(NETWORK);
  const look = () => {
    if (isLoaded()) {
      clearTimeout(due);
      due = undefined;
      sign.hidden = true;
    } else if (sign.hidden && due === undefined) {
      due = setTimeout(() => {
        due = undefined;
        sign.hidden = isLoaded();
      }, PATIENCE_MS);
    }
  };
  map.on("render", look);
  map.on("sourcedata", look);
  return sign;
}
