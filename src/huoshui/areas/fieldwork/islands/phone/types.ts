/** What the server gives for a day (`phone/web/schemas.py`), and what the phone keeps of its own. */

export interface Choice {
  code: string;
  label: string;
}

/** So many of a part: in a kit, in the vehicle, or none where only its name is needed. */
export interface PartOf extends Choice {
  unit: string;
  is_meter: boolean;
  quantity: number;
}

export interface Meter {
  number: string;
  reading_m3: number | null;
  reading_date: string | null;
  /** Of the customer; a day kept before does not say. */
  address?: string;
}

export interface Told {
  label: string;
  at: string;
  by: string;
  note: string;
}

export interface Job {
  number: string;
  title: string;
  description: string;
  kind: string;
  kind_label: string;
  priority: string;
  priority_label: string;
  state: string;
  state_label: string;
  place: string;
  asset_code: string;
  lon: number | null;
  lat: number | null;
  due_at: string;
  planned_at: string | null;
  /** Its type says that a meter is exchanged: its button stands out. */
  exchanges_meter: boolean;
  steps: Choice[];
  parts: string[];
  kit: PartOf[];
  meters: Meter[];
  history: Told[];
  /** How far the crew has come as the server knows it, from any phone; an older day does not say. */
  come?: "" | "accepted" | "arrived";
  /** No longer among the jobs of the server's day, kept because something was written down. */
  gone?: boolean;
}

export interface Day {
  person_id: number;
  person: string;
  csrf_token: string;
  language: string;
  server_ms: number;
  shown_at: string;
  photo_bytes_max: number;
  found_a_leak: string[];
  jobs: Job[];
  choices: { found: Choice[]; measured: Choice[]; shows: Choice[]; causes: Choice[]; parts: PartOf[] };
  /** What the crew carries by the books; null: no vehicle. */
  vehicle: { name: string; parts: PartOf[] } | null;
  crew: string;
  /** Until when the shift goes that runs now; null: off duty. */
  shift_until: string | null;
  tiles: { url: string; revision: string; zoom_min: number; zoom_max: number } | null;
}

export type Kind =
  | "accept"
  | "set_off"
  | "arrive"
  | "repaired"
  | "water_back"
  | "step"
  | "reading"
  | "meter"
  | "material"
  | "note"
  | "signature"
  | "photo"
  | "finish"
  | "walk"
  | "finding"
  | "site"
  | "check"
  | "check_photo";

export type Body = Record<string, string | number | boolean | null>;

export interface Receipt {
  id: string;
  outcome: "taken" | "kept" | "refused";
  code: string;
  message: string;
  next_step: string;
  is_kept: boolean;
  done_at: string | null;
  clock_off_s: number;
  is_clock_doubted: boolean;
}

/** One deed, as it was written down; `payload` is the very text that is sent. */
export interface Entry {
  id: string;
  number: number;
  kind: Kind;
  job: string;
  body: Body;
  at_ms: number;
  payload: string;
  payload_hash: string;
  photo_hash: string;
  receipt: Receipt | null;
  /** A refused entry that was written anew. */
  corrected?: boolean;
}

/** One picture; its bytes are forgotten only upon the server's receipt. */
export interface Photo {
  hash: string;
  size: number;
  bytes: ArrayBuffer | null;
  small: string;
  sent_bytes: number;
  is_kept: boolean;
  refused: string;
}

export interface Reckoned {
  missing: string[];
  differing: string[];
  photos_missing: string[];
  only_here: { id: string; kind: string; job: string }[];
  entries: number;
  photos: number;
  list_hash: string;
  agreed_at: string | null;
}

export interface Props {
  day_url: string;
  entries_url: string;
  photo_url: string;
  reckoning_url: string;
  rounds_url: string;
  checks_url: string;
  place_url: string;
  worker_url: string;
  scope: string;
  map_worker_url: string;
  icons_url: string;
  sign_in_url: string;
  sign_out_url: string;
  language_url: string;
  desk_url: string;
}
