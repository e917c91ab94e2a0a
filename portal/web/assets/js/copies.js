// Copies of typed text that could not be sent. They live in sessionStorage, so they end with the tab; PCs are shared, so
// they are kept by account, dropped when another account is seen and when the person signs out.
import { meta } from "./common.js";

const PREFIX = "portal-copy:";
const keyOf = (address) => `${PREFIX}${meta("account")}:${address}`;
const names = () => Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX));

/** Keep a copy; false when the browser refuses (full, or storage switched off). */
export function keepCopy(address, copy) {
  try {
    sessionStorage.setItem(keyOf(address), JSON.stringify(copy));
    return true;
  } catch {
    return false;
  }
}

export function findCopy(address) {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(address)));
  } catch {
    return null;
  }
}

export function dropCopy(address) {
  try {
    sessionStorage.removeItem(keyOf(address));
  } catch {
    // Storage is switched off: then there is no copy either.
  }
}

export function dropCopies(isDoomed = () => true) {
  try {
    names().filter(isDoomed).forEach((name) => sessionStorage.removeItem(name));
  } catch {
    // As above.
  }
}

/** Another person signed in on this tab: what the one before typed is not theirs to see. */
export function dropCopiesOfOthers() {
  if (meta("account")) dropCopies((name) => !name.startsWith(`${PREFIX}${meta("account")}:`));
}
