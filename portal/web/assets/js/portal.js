// On every page. Elements work on what the server rendered; without this file every page still does its job.
import { DateField } from "./date-field.js";
import { FileDrop } from "./file-drop.js";
import { startKeys } from "./keys.js";
import { startPage } from "./page.js";
import { PollFragment } from "./poll-fragment.js";
import { RowList } from "./row-list.js";
import { SuggestBox } from "./suggest-box.js";

startPage();
startKeys();
customElements.define("date-field", DateField);
customElements.define("file-drop", FileDrop);
customElements.define("poll-fragment", PollFragment);
customElements.define("row-list", RowList);
customElements.define("suggest-box", SuggestBox);
