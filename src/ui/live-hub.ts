/**
 * Shares one stream from the server among many listeners.
 *
 * Runs in a shared worker, so that ten open tabs cost the server one connection per stream and
 * never use up the six that a browser allows; where there is no shared worker it runs in the page.
 */

export interface LiveItem {
  key: string;
  [field: string]: unknown;
}

/** What a page tells the hub. */
export type Wish =
  | { do: "subscribe"; id: string; stream: string; keys: string[] | null }
  | { do: "unsubscribe"; id: string }
  | { do: "leave" };

/** What the hub tells a page. */
export type News =
  | { tell: "items"; stream: string; items: LiveItem[] }
  | { tell: "state"; stream: string; connected: boolean };

interface Listener {
  say: (news: News) => void;
  wishes: Map<string, { stream: string; keys: string[] | null }>;
}

interface Line {
  source: EventSource | undefined;
  query: string;
  connected: boolean;
  latest: Map<string, LiveItem>;
  retry: ReturnType<typeof setTimeout> | undefined;
  wait_ms: number;
}

const KEYS_MAX = 200;
const RETRY_FIRST_MS = 1000;
const RETRY_MAX_MS = 30000;
const GATHER_MS = 40;

export class Hub {
  private readonly listeners = new Set<Listener>();
  private readonly lines = new Map<string, Line>();
  private planned: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly base: string,
    private readonly open: (url: string) => EventSource = (url) => new EventSource(url),
  ) {}

  /** Let a page in; the returned function takes what it wishes. */
  join(say: (news: News) => void): (wish: Wish) => void {
    const listener: Listener = { say, wishes: new Map() };
    this.listeners.add(listener);
    return (wish) => {
      if (wish.do === "subscribe") {
        listener.wishes.set(wish.id, { stream: wish.stream, keys: wish.keys });
        const line = this.lines.get(wish.stream);
        if (line) this.greet(line, wish.stream, wish.keys, say);
      } else if (wish.do === "unsubscribe") listener.wishes.delete(wish.id);
      else this.listeners.delete(listener);
      this.plan();
    };
  }

  /** The server tells a new line how things stand; a late page hears it from us. */
  private greet(line: Line, stream: string, keys: string[] | null, say: (news: News) => void): void {
    say({ tell: "state", stream, connected: line.connected });
    const items = keys ? keys.flatMap((key) => line.latest.get(key) ?? []) : [...line.latest.values()];
    if (items.length) say({ tell: "items", stream, items });
  }

  /** Many wishes arrive together when a page starts; connect once for all of them. */
  private plan(): void {
    this.planned ??= setTimeout(() => {
      this.planned = undefined;
      this.connect();
    }, GATHER_MS);
  }

  private wanted(): Map<string, string> {
    const keys = new Map<string, Set<string> | null>();
    for (const listener of this.listeners) {
      for (const wish of listener.wishes.values()) {
        const known = keys.get(wish.stream);
        if (wish.keys === null || known === null) keys.set(wish.stream, null);
        else keys.set(wish.stream, new Set([...(known ?? []), ...wish.keys]));
      }
    }
    const queries = new Map<string, string>();
    for (const [stream, some] of keys) {
      const all = some === null || some.size > KEYS_MAX;
      queries.set(stream, all ? "" : `?keys=${[...some].sort().map(encodeURIComponent).join(",")}`);
    }
    return queries;
  }

  private connect(): void {
    const wanted = this.wanted();
    for (const [stream, line] of this.lines) {
      if (wanted.get(stream) === line.query) continue;
      line.source?.close();
      clearTimeout(line.retry);
      this.lines.delete(stream);
    }
    for (const [stream, query] of wanted) {
      if (this.lines.has(stream)) continue;
      const line: Line = {
        source: undefined,
        query,
        connected: false,
        latest: new Map(),
        retry: undefined,
        wait_ms: RETRY_FIRST_MS,
      };
      this.lines.set(stream, line);
      this.listen(stream, line);
    }
  }

  private listen(stream: string, line: Line): void {
    const source = this.open(`${this.base}${stream}${line.query}`);
    line.source = source;
    source.onopen = () => {
      line.wait_ms = RETRY_FIRST_MS;
      this.state(stream, line, true);
    };
    source.onmessage = (event: MessageEvent<string>) => {
      const said = JSON.parse(event.data) as LiveItem | LiveItem[];
      const items = Array.isArray(said) ? said : [said];
      for (const item of items) if (item.key !== undefined) line.latest.set(item.key, item);
      this.share(stream, items);
    };
    source.onerror = () => {
      this.state(stream, line, false);
      // The browser comes back by itself after a lost line, but not after a refusal.
      if (source.readyState !== 2 || this.lines.get(stream) !== line) return;
      line.retry = setTimeout(() => this.listen(stream, line), line.wait_ms);
      line.wait_ms = Math.min(line.wait_ms * 2, RETRY_MAX_MS);
    };
  }

  private state(stream: string, line: Line, connected: boolean): void {
    line.connected = connected;
    for (const listener of this.listeners) {
      if ([...listener.wishes.values()].some((wish) => wish.stream === stream))
        listener.say({ tell: "state", stream, connected });
    }
  }

  private share(stream: string, items: LiveItem[]): void {
    for (const listener of this.listeners) {
      const wishes = [...listener.wishes.values()].filter((wish) => wish.stream === stream);
      if (!wishes.length) continue;
      if (wishes.some((wish) => wish.keys === null)) listener.say({ tell: "items", stream, items });
      else {
        const keys = new Set(wishes.flatMap((wish) => wish.keys ?? []));
        const some = items.filter((item) => keys.has(item.key));
        if (some.length) listener.say({ tell: "items", stream, items: some });
      }
    }
  }
}
