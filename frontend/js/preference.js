/** The colour theme: which one is preferred, and showing it. */

const PREFERENCES = ["auto", "light", "dark"];
const STORAGE_KEY = "medcover-theme";

function remembered() {
  try {
    return window.localStorage.getItem(STORAGE_KEY);
  } catch {
    return null; // storage is closed to us in some privacy modes
  }
}

function remember(preference) {
  try {
    window.localStorage.setItem(STORAGE_KEY, preference);
  } catch {
    // see above: the page works without it
  }
}

function stated() {
  const meta = document.querySelector('meta[name="theme-preference"]');
  return document.documentElement.dataset.themePreference || meta?.content;
}

/** The preference stated by the page, else the remembered one, else "auto". */
export function currentPreference() {
  const found = stated() || remembered();
  return PREFERENCES.includes(found) ? found : "auto";
}

/** Shows the theme for a preference and remembers it for pages that do not know the person. */
export function applyPreference(preference) {
  const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const dark = preference === "dark" || (preference === "auto" && systemIsDark);
  const root = document.documentElement;
  root.dataset.themePreference = preference;
  root.dataset.bsTheme = root.dataset.theme = dark ? "dark" : "light";
  remember(preference);
}
