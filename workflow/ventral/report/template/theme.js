// The theme of the page: that of the system, or the one that the switch was last set to. Runs before anything is drawn.
"use strict";
const systemDark = matchMedia("(prefers-color-scheme: dark)");

function rememberedTheme() {
  try { return localStorage.getItem("ventral-theme"); } catch { return null; } // a page without storage follows the system
}

function isDark() {
  return (document.documentElement.dataset.theme ?? (systemDark.matches ? "dark" : "light")) === "dark";
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("ventral-theme", theme); } catch { /* the choice is not kept */ }
  document.dispatchEvent(new Event("themechange"));
}

document.documentElement.classList.add("scripted");
if (["light", "dark"].includes(rememberedTheme())) document.documentElement.dataset.theme = rememberedTheme();
systemDark.addEventListener("change", () => document.dispatchEvent(new Event("themechange")));
