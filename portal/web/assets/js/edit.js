// On edit screens, after portal.js: the editor and the autosave.
import { DraftSaver } from "./draft-saver.js";
import { RichText } from "./rich-text.js";

// The editor first: the autosave compares kept copies with what the form holds, editors included.
customElements.define("rich-text", RichText);
customElements.define("draft-saver", DraftSaver);
