/** What every page loads: the look, the fragments, the frame's behaviour and the island loader. */
import "@tabler/core/dist/css/tabler.min.css";
import "./tokens.css";
import "./frame.css";
import "./kit.css";
import "./cases.css";
import "htmx.org/dist/htmx.esm.js";
import { startCopying } from "./copy";
import { startClock } from "./demo-clock";
import { startForms } from "./forms";
import { startFragments } from "./fragments";
import { startFrame } from "./frame";
import { loadWords } from "./i18n";
import { watchIslands } from "./islands";
import { startKeyboard } from "./keyboard";
import { startMenu } from "./menu";
import { startSelection } from "./selection";
import { dressToasts } from "./toast";

startFrame();
startMenu();
startForms();
startFragments();
startKeyboard();
startCopying();
void loadWords().then(() => {
  startSelection();
  dressToasts();
  startClock();
  watchIslands(document.body);
});
