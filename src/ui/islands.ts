/**
 * Starts islands: the few parts of a page that plain HTML cannot be.
 *
 * The page writes `<div data-island="telemetry/trend-chart" data-props="{...}" data-height="320px">`
 * (template tag `{% island %}`). The file `areas/telemetry/islands/trend-chart.ts` is then loaded,
 * and its `start(el, props)` called once; what it returns is called when the element leaves the page.
 */

export interface IslandModule {
  start(el: HTMLElement, props: unknown): void | (() => void) | Promise<void | (() => void)>;
}

type Loader = () => Promise<IslandModule>;

const files = import.meta.glob<IslandModule>([
  "../huoshui/areas/*/islands/*.ts",
  "../huoshui/kernel/*/islands/*.ts",
  "!../huoshui/**/*.test.ts",
]);

const started = new WeakSet<HTMLElement>();
const stops = new WeakMap<HTMLElement, () => void>();

/** `.../areas/telemetry/islands/trend-chart.ts` is the island `telemetry/trend-chart`. */
export function islandName(path: string): string {
  const match = /\/([^/]+)\/islands\/([^/]+)\.ts$/.exec(path);
  if (!match) throw new Error(`Not an island: ${path}`);
  return `${match[1]}/${match[2]}`;
}

function loaders(): Map<string, Loader> {
  return new Map(Object.entries(files).map(([path, load]) => [islandName(path), load]));
}

async function startIsland(el: HTMLElement, known: Map<string, Loader>): Promise<void> {
  if (started.has(el)) return;
  started.add(el);
  if (el.dataset.height) el.style.height = el.dataset.height;
  const name = el.dataset.island ?? "";
  try {
    const load = known.get(name);
    if (!load) throw new Error(`There is no island ${name}`);
    const island = await load();
    if (!el.isConnected) return;
    const stop = await island.start(el, JSON.parse(el.dataset.props ?? "{}"));
    el.dataset.islandState = "started";
    if (!stop) return;
    if (el.isConnected) stops.set(el, stop);
    else stop();
  } catch (error) {
    el.dataset.islandState = "failed";
    el.dispatchEvent(new CustomEvent("huoshui:island-failed", { bubbles: true, detail: error }));
    console.error(error);
  }
}

function islandsIn(node: Node): HTMLElement[] {
  if (!(node instanceof HTMLElement)) return [];
  const inside = [...node.querySelectorAll<HTMLElement>("[data-island]")];
  return node.dataset.island ? [node, ...inside] : inside;
}

/** Start what is there, and whatever a fragment brings or takes away later. */
export function watchIslands(root: HTMLElement, known: Map<string, Loader> = loaders()): () => void {
  for (const el of islandsIn(root)) void startIsland(el, known);
  const observer = new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.removedNodes) {
        for (const el of islandsIn(node)) {
          if (el.isConnected) continue;
          stops.get(el)?.();
          stops.delete(el);
          started.delete(el);
        }
      }
      for (const node of change.addedNodes) for (const el of islandsIn(node)) void startIsland(el, known);
    }
  });
  observer.observe(root, { childList: true, subtree: true });
  return () => observer.disconnect();
}
