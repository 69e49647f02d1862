/**
 * Draws changes of the network into a set that another person approves.
 *
 * Loaded only when somebody begins to draw. Keys: Enter ends a line, Backspace takes its last
 * corner back, Esc gives up, Tab leads to the typed length, Ctrl+Z and Ctrl+Y undo and redo.
 */
import { getJson } from "@ui/fetch";
import { t } from "@ui/i18n";
import { toast } from "@ui/toast";
import type { Map as MapLibre, MapGeoJSONFeature, MapMouseEvent } from "maplibre-gl";
import { type ChangeSet, Draft, type Drawn, type Step } from "./draft";
import { DraftLayer } from "./layer";
import { bearing, distance_m, length_m, type Place, towards, typed } from "./measure";
import { attributeForm, type EditorGiven, EditPanel, type Tool } from "./panel";
import { type Anchor, anchorAt, FREE, hovered } from "./snap";
import { Codes, device, hasCourse, node, pipe, withBend } from "./strokes";
import "./edit.css";

const REACH_PX = 12;
const REACH_M_MAX = 100;
const FIRST_ATTRIBUTES = ["diameter_mm", "material", "length_m", "laid_year"];

interface Options {
  map: MapLibre;
  place: HTMLElement;
  given: EditorGiven;
  kinds: Record<string, string>;
  asset_url: string;
  /** The asset drawn under a point of the screen. */
  at: (point: { x: number; y: number }) => MapGeoJSONFeature | null;
  closed: () => void;
}

export class Editor {
  private readonly layer: DraftLayer;
  private readonly panel: EditPanel;
  private readonly draft: Draft;
  private tool: Tool = "attributes";
  private start: Anchor | null = null;
  private line: Place[] = [];
  private pointer: Place | null = null;
  private held: Anchor | null = null;
  private newPipe: (() => Record<string, unknown>) | null = null;
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly options: Options) {
    this.layer = new DraftLayer(options.map);
    this.draft = new Draft(options.given.changes_url, (now) => this.changed(now));
    this.panel = new EditPanel(options.kinds, {
      begin: (title, why) => this.then(() => this.draft.begin(title, why), () => this.ready()),
      tool: (tool) => this.choose(tool),
      typed: (text) => this.typed(text),
      undo: () => void this.draft.undo(),
      redo: () => void this.draft.redo(),
      submit: () => void this.submit(),
      discard: () => void this.discard(),
      close: () => this.stop(),
    });
    options.place.append(this.panel.el);
    options.map.doubleClickZoom.disable();
    document.addEventListener("keydown", this.onKey);
  }

  /** Open a draft, or ask what it shall be about. */
  async open(id: number | null): Promise<void> {
    if (id !== null) {
      await this.draft.open(id);
      return this.ready();
    }
    const drafts = await getJson<ChangeSet[]>(`${this.options.given.changes_url}?state=draft&limit=20`);
    this.panel.showStart(drafts, (one) => this.then(() => this.draft.open(one), () => this.ready()));
  }

  stop(): void {
    document.removeEventListener("keydown", this.onKey);
    this.options.map.doubleClickZoom.enable();
    this.giveUp();
    this.layer.visible(false);
    this.panel.el.remove();
    this.options.closed();
  }

  private then(work: () => Promise<void>, after: () => void): void {
    void work().then(after, () => undefined);
  }

  private ready(): void {
    if (!this.draft.now) return;
    this.panel.showTools();
    this.panel.showSteps(this.draft.now);
    this.choose("attributes");
    const url = new URL(window.location.href);
    url.searchParams.set("change", String(this.draft.now.id));
    window.history.replaceState(null, "", url);
  }

  private changed(now: ChangeSet | null): void {
    this.layer.show(now);
    if (now) this.panel.showSteps(now);
  }

  private choose(tool: Tool): void {
    this.giveUp();
    this.tool = tool;
    this.panel.choose(tool);
    if (tool !== "pipe") return;
    const given = (this.options.given.attributes.pipe ?? []).filter((one) => FIRST_ATTRIBUTES.includes(one.code));
    const form = attributeForm(given, {}, null);
    this.newPipe = form.read;
    this.panel.ask.replaceChildren(form.el);
  }

  private giveUp(): void {
    this.start = this.held = null;
    this.line = [];
    this.layer.stroke([], null);
  }

  /** How far a click reaches at this zoom. */
  private reach(): number {
    const { map } = this.options;
    const middle = map.project(map.getCenter());
    const beside = map.unproject([middle.x + REACH_PX, middle.y]);
    const centre = map.getCenter();
    return Math.min(distance_m([centre.lng, centre.lat], [beside.lng, beside.lat]), REACH_M_MAX);
  }

  hover(event: MapMouseEvent): void {
    this.pointer = [event.lngLat.lng, event.lngLat.lat];
    const mark = hovered(this.draft.now, this.options.at(event.point), this.pointer, this.reach());
    const line = this.held ? [this.held.place] : this.line;
    this.layer.stroke(line, mark);
    if (this.line.length) this.panel.running(length_m(this.line), distance_m(this.line.at(-1) as Place, mark.place));
    this.options.map.getCanvas().style.cursor = "crosshair";
  }

  click(event: MapMouseEvent): void {
    if (!this.draft.now) return;
    const place: Place = [event.lngLat.lng, event.lngLat.lat];
    const reach = this.reach();
    // One click after the other, however slow the line is.
    this.queue = this.queue.then(() => this.clicked(place, reach)).catch(() => undefined);
  }

  doubleClick(): void {
    this.queue = this.queue.then(() => this.finish()).catch(() => undefined);
  }

  private async clicked(place: Place, reach: number): Promise<void> {
    const anchor = await anchorAt(this.options.given.changes_url, this.draft.now, place, reach);
    const [tool, kind = ""] = this.tool.split(":");
    const codes = new Codes(this.draft);
    if (tool === "pipe") return this.corner(anchor);
    if (tool === "move") return this.move(anchor);
    if (tool === "node") return this.draft.stroke(await node(kind, anchor, codes));
    const target = anchor.node ?? anchor.link;
    if (!target) return this.panel.say(t("There is nothing here. Click closer to it."));
    if (tool === "attributes") return this.attributes(target);
    if (tool === "retire" || tool === "join") return this.draft.stroke([{ deed: tool, asset_code: target, wanted: {} }]);
    if (!anchor.link || anchor.kind !== "pipe") return this.panel.say(t("That is not a pipe. Click beside the nodes."));
    const [lon, lat] = anchor.place;
    if (tool === "split") return this.draft.stroke([{ deed: "split", asset_code: anchor.link, wanted: { lon, lat } }]);
    const drawn = await this.drawn(anchor.link);
    if (drawn?.line) await this.draft.stroke(await device(kind, anchor, drawn.line, codes));
  }

  // A line being drawn.

  private async corner(anchor: Anchor): Promise<void> {
    if (!this.start) {
      this.start = anchor;
      this.line = [anchor.place];
    } else if (anchor.node || anchor.link) {
      await this.finish(anchor);
    } else {
      this.line.push(anchor.place);
    }
    this.layer.stroke(this.line, null);
    // The server was asked meanwhile; the pointer may rest already.
    if (this.line.length) this.panel.running(length_m(this.line), 0);
  }

  private async finish(end?: Anchor): Promise<void> {
    const { start, line } = this;
    const corners = line.slice(1);
    // Without an end of its own the last corner is the end; a double click put it there twice.
    let last = end ?? null;
    while (!last && corners.length) {
      const place = corners.pop() as Place;
      if (distance_m(place, corners.at(-1) ?? (line[0] as Place)) > 0.05) last = FREE(place);
    }
    if (!start || !last) return this.giveUp();
    const attributes = Object.fromEntries(Object.entries(this.newPipe?.() ?? {}).filter(([, value]) => value !== null));
    this.giveUp();
    this.panel.rest("pipe");
    await this.draft.stroke(await pipe(start, corners, last, attributes, new Codes(this.draft)));
  }

  private typed(text: string): void {
    const from = this.line.at(-1);
    if (!from) return;
    if (!text.trim()) return this.doubleClick();
    const wanted = typed(text);
    if (!wanted) return this.panel.say(t("Type metres, such as 35.2, or metres and degrees from north, such as 35.2<90."));
    const degrees = wanted.degrees ?? (this.pointer ? bearing(from, this.pointer) : 0);
    this.line.push(towards(from, wanted.metres, degrees));
    this.layer.stroke(this.line, null);
    this.panel.running(length_m(this.line), 0);
  }

  // Moving.

  private async move(anchor: Anchor): Promise<void> {
    if (!this.held) {
      if (!anchor.node && !anchor.link) return this.panel.say(t("There is nothing here. Click closer to it."));
      this.held = anchor;
      return this.panel.say(t("Now click where it shall be; Esc leaves it."));
    }
    const { held } = this;
    this.giveUp();
    const [lon, lat] = anchor.place;
    if (held.node) return this.draft.stroke([{ deed: "move", asset_code: held.node, wanted: { lon, lat } }]);
    const drawn = await this.drawn(held.link as string);
    if (!drawn?.line || !hasCourse(drawn)) return;
    const step: Step = { deed: "move", asset_code: held.link as string, wanted: { line: withBend(drawn.line, held, anchor.place) } };
    await this.draft.stroke([step]);
  }

  /** An asset as the draft leaves it, else as the register has it. */
  private async drawn(code: string): Promise<(Drawn & Record<string, unknown>) | null> {
    const own = this.draft.now?.preview.find((one) => one.code === code)?.after;
    if (own) return own as Drawn & Record<string, unknown>;
    return await getJson<Drawn & Record<string, unknown>>(this.options.asset_url.replace("CODE", encodeURIComponent(code)));
  }

  private async attributes(code: string): Promise<void> {
    const drawn = await this.drawn(code);
    if (!drawn) return;
    const values = { ...((drawn.details as Record<string, unknown> | undefined) ?? {}), ...drawn };
    const form = attributeForm(this.options.given.attributes[drawn.kind] ?? [], values, (changed) => {
      if (Object.keys(changed).length) void this.draft.stroke([{ deed: "modify", asset_code: code, wanted: { attributes: changed } }]);
    });
    this.panel.say(`${this.options.kinds[drawn.kind] ?? ""} ${code}`);
    this.panel.ask.replaceChildren(form.el);
  }

  // The end.

  private async submit(): Promise<void> {
    await this.draft.submit();
    const { now } = this.draft;
    if (!now || now.state === "draft") return;
    toast(t("Handed in. Another person approves it now."), "success");
    window.location.assign(now.url);
  }

  private async discard(): Promise<void> {
    if (!window.confirm(t("Discard this draft with all its steps?"))) return;
    await this.draft.withdraw();
    this.stop();
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if ((event.ctrlKey || event.metaKey) && !typing && (event.key === "z" || event.key === "y")) {
      event.preventDefault();
      const again = event.key === "y" || event.shiftKey;
      void (again ? this.draft.redo() : this.draft.undo());
    } else if (event.key === "Escape") {
      this.giveUp();
      this.panel.rest(this.tool);
    } else if (event.key === "Enter" && !typing && this.line.length) {
      this.doubleClick();
    } else if (event.key === "Backspace" && !typing && this.line.length > 1) {
      this.line.pop();
      this.layer.stroke(this.line, null);
    } else if (event.key === "Tab" && this.line.length && event.target !== this.panel.typedBox) {
      event.preventDefault();
      this.panel.typedBox.focus();
    } else if (/^\d$/.test(event.key) && !typing && this.line.length) {
      event.preventDefault();
      this.panel.typedBox.value += event.key;
      this.panel.typedBox.focus();
    }
  };
}
