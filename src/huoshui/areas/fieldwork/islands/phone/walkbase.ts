/**
 * The walk under way, on the disk: every place is written as it comes, so that a phone that dies
 * goes on where it was. A database beside the app's own, one for each person.
 */
import type { Fix, Limits, Pipe } from "./walkmodel";

export interface Thing {
  code: string;
  label: string;
  lon: number;
  lat: number;
}

export interface Round {
  code: string;
  name: string;
  near_m: number;
  until: string | null;
  standing: string;
  standing_label: string;
  walked_frac: number | null;
  pipes: Pipe[];
  things: Thing[];
}

/** A construction site to look at; pipes near by, the nearest first, with the metres away. */
export interface Site {
  number: string;
  name: string;
  builder: string;
  machine_label: string;
  risk_label: string;
  risk_tone: string;
  due_at: string | null;
  is_late: boolean;
  is_disclosed: boolean;
  lon: number;
  lat: number;
  pipes: [string, number][];
}

export interface Given {
  rounds: Round[];
  /** None in what a phone kept from before there were any. */
  sites?: Site[];
  kinds: { code: string; label: string; pressing: boolean }[];
  limits: Limits;
  spots: GeoJSON.FeatureCollection;
}

/** One thing to look at in an asset; `limits` are its limits in words. */
export interface CheckItem {
  code: string;
  label: string;
  kind: string;
  unit: string;
  low: number | null;
  high: number | null;
  limits: string;
  is_needed: boolean;
  wants_job: boolean;
}

export interface CheckList {
  code: string;
  label: string;
  items: CheckItem[];
}

export interface CheckAsset {
  code: string;
  label: string;
  list: string;
  lon: number | null;
  lat: number | null;
  is_done: boolean;
  latest: { at: string; wrong: string; numbers: Record<string, number> } | null;
}

export interface CheckRound {
  code: string;
  name: string;
  until: string | null;
  standing: string;
  standing_label: string;
  assets: CheckAsset[];
}

/** Rounds to plants, and when this phone asked for them by its own clock. */
export interface ChecksGiven {
  rounds: CheckRound[];
  lists: CheckList[];
  fetched_ms: number;
}

export interface Walk {
  id: string;
  round: Round;
  limits: Limits;
  began_ms: number;
  seen: string[];
  findings: number;
  /** Ended: it is being handed over to the outbox, piece by piece. */
  ended: boolean;
}

function done<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

export class WalkBase {
  private constructor(private readonly db: IDBDatabase) {}

  static open(person: number): Promise<WalkBase> {
    const asked = indexedDB.open(`huoshui-walk-${person}`, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("kept");
      asked.result.createObjectStore("fixes", { autoIncrement: true });
    };
    return done(asked).then((db) => new WalkBase(db));
  }

  close(): void {
    this.db.close();
  }

  private write(stores: string[], change: (step: IDBTransaction) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = this.db.transaction(stores, "readwrite", { durability: "strict" });
      step.oncomplete = () => resolve();
      step.onabort = () => reject(step.error ?? new Error("the phone's store refused"));
      change(step);
    });
  }

  given(): Promise<Given | undefined> {
    return done(this.db.transaction("kept").objectStore("kept").get("given") as IDBRequest<Given | undefined>);
  }

  keepGiven(given: Given): Promise<void> {
    return this.write(["kept"], (step) => step.objectStore("kept").put(given, "given"));
  }

  checks(): Promise<ChecksGiven | undefined> {
    return done(this.db.transaction("kept").objectStore("kept").get("checks") as IDBRequest<ChecksGiven | undefined>);
  }

  keepChecks(checks: ChecksGiven): Promise<void> {
    return this.write(["kept"], (step) => step.objectStore("kept").put(checks, "checks"));
  }

  walk(): Promise<Walk | undefined> {
    return done(this.db.transaction("kept").objectStore("kept").get("walk") as IDBRequest<Walk | undefined>);
  }

  keepWalk(walk: Walk): Promise<void> {
    return this.write(["kept"], (step) => step.objectStore("kept").put(walk, "walk"));
  }

  fixes(): Promise<Fix[]> {
    return done(this.db.transaction("fixes").objectStore("fixes").getAll() as IDBRequest<Fix[]>);
  }

  addFix(fix: Fix): Promise<void> {
    return this.write(["fixes"], (step) => step.objectStore("fixes").add(fix));
  }

  /** The outbox has all of it: the walk itself is forgotten. */
  forget(): Promise<void> {
    return this.write(["kept", "fixes"], (step) => {
      step.objectStore("kept").delete("walk");
      step.objectStore("fixes").clear();
    });
  }
}
