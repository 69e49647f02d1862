/** What every page loads: the look, the fragments, the frame's behaviour and the island loader. */
import "@tabler/core/dist/css/tabler.min.css";
import "./tokens.css";
import "./frame.css";
import "htmx.org/dist/htmx.esm.js";
import { watchIslands } from "./islands";

watchIslands(document.body);
