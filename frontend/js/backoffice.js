/** What the backoffice needs besides Django's own admin scripts. */
import * as themeToggle from "./theme-toggle.js";

themeToggle.start();
